/// The program `coffer`: harden first, then hand over.
import CofferMemory

Hardening.harden()
