/// The program `coffer`: harden first, then hand over.
import CofferCLI
import CofferMemory

Hardening.harden()
CofferCommandLine.main()
