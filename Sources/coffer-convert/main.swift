/// The program `coffer-convert`: harden first, then do the one task.
import CofferConvert
import CofferMemory

Hardening.harden()
ConvertProgram.main()
