"""`rackproof emulate`: serve an emulated rack until stopped."""

from argparse import Namespace

from harness import emulator


def main(arguments: Namespace) -> int:
    """Hand over to the emulator, which is a program of its own."""
    return emulator.main(arguments.rest)
