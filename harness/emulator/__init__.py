"""An emulated rack: one physics model behind the real protocols, served on loopback; a program of its own."""

from harness.emulator.program import main

__all__ = ["main"]
