"""`rackproof emulate`: serve an emulated rack until stopped."""

from argparse import Namespace

from harness import emulator


def main(arguments: Namespace) -> int:
    """Hand over to the emulator, which is a program of its own."""
    argv = [arguments.generation, "--out", str(arguments.out), "--seed", str(arguments.seed)]
    argv += ["--speed", str(arguments.speed)]
    for fault in arguments.fault:
        argv += ["--fault", fault]
    argv += ["--racks", str(arguments.racks)] if arguments.racks else []
    return emulator.main(argv + (["--serial", arguments.serial] if arguments.serial else []))
