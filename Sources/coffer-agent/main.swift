/// The program `coffer-agent`: harden first, then hold vaults until they are locked.
import CofferAgent
import CofferMemory

Hardening.harden()
Hardening.wipeFreedMemory()
AgentProgram.main()
