/// The program `coffer-bench`, which is not installed: harden first, then measure.
import ArgumentParser
import CofferMemory

Hardening.harden()
CofferBench.main()
