"""The emulator as a program: read the command line, serve the rack, end cleanly."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.clock import LapsedClock, SystemClock
from harness.emulator import faults, generation, rack_file, world
from harness.emulator.physics import SETTLE_S, settle
from harness.emulator.rack import Rack

USAGE = 2
FASTEST = 10_000.0
PHYSICS_SHARE = 0.4
"""Share of a core that the physics may take: the faces need the rest."""

ROUNDS = 5
"""How often its cost is measured; the least counts, for only that is the physics' own."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    built = argparse.ArgumentParser(prog="rackproof emulate", description="Serve an emulated rack on loopback.")
    built.add_argument("generation", help="name of a shipped generation, or path of a file")
    built.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for rack.toml and the keys")
    built.add_argument("--fault", action="append", default=[], metavar="PLACE.NAME[=SIZE][@+Ns|@load+Ns]")
    built.add_argument("--seed", type=int, default=1, help="of part-to-part variation and noise")
    built.add_argument("--serial", default="GA-000123", help="the rack's serial")
    built.add_argument("--racks", type=int, choices=range(1, 100), metavar="N", help="serve N racks, below DIR/rackNN")
    built.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="how many times faster its time runs")
    built.add_argument("--until-eof", action="store_true", help="end when standard input does")
    return built


def _speed(text: str) -> float:
    if not 1.0 <= (speed := float(text)) <= FASTEST:
        message = f"a rack's time runs 1 to {FASTEST:g} times as fast"
        raise argparse.ArgumentTypeError(message)
    return speed


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a rack until told to stop; return 0, or 2 where the command line asks for what cannot be.

    Errors are told on standard error.
    """
    options = parser().parse_args(argv)
    try:
        built = _all(options)
        for folder in built:
            folder.mkdir(parents=True, exist_ok=True)
    except (generation.GenerationError, faults.FaultError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    asyncio.run(_serve(built, until_eof=options.until_eof))
    return 0


def _all(options: argparse.Namespace) -> dict[Path, world.World]:
    """Build every rack that the command line asks for, by folder: each with a serial and a seed of its own."""
    if options.racks is None:
        return {options.out: build(options)}
    found = {}
    for n in range(options.racks):
        own = {"seed": options.seed + n, "serial": numbered(options.serial, n)}
        found[options.out / f"rack{n + 1:02}"] = build(argparse.Namespace(**{**vars(options), **own}))
    return found


def numbered(serial: str, n: int) -> str:
    """Return the serial that comes `n` after another.

    >>> numbered("GA-000199", 2), numbered("first", 2)
    ('GA-000201', 'first2')
    """
    digits = serial[len(serial.rstrip("0123456789")) :]
    return f"{serial.removesuffix(digits)}{int(digits or 0) + n:0{len(digits)}}" if digits or n else serial


def build(options: argparse.Namespace) -> world.World:
    """Build the rack that the command line asks for, with its faults.

    Raises GenerationError or FaultError, the first also for a speed that this machine cannot hold.
    """
    real = SystemClock()
    epoch = real.unix() if options.speed != 1.0 else 0.0
    clock = LapsedClock(options.speed, epoch) if epoch else real
    built = world.build(generation.load(options.generation), options.serial, options.seed, clock)
    built.run_fast(options.speed, epoch)
    faults.afflict(built, options.fault)
    settle(built.physics)
    if epoch:
        _refuse_unkept(options.speed, min(_cost(built, real) for _ in range(ROUNDS)))
    return built


def _cost(built: world.World, real: SystemClock) -> float:
    """Return the machine's time that the physics takes for a second of the rack, s."""
    begun = real.monotonic()
    settle(built.physics)
    return (real.monotonic() - begun) / SETTLE_S


def _refuse_unkept(speed: float, cost: float) -> None:
    """Refuse a speed that the physics cannot hold at this cost."""
    kept = PHYSICS_SHARE / cost
    if speed > max(1.0, kept):
        message = f"--speed {speed:g} is too fast for this machine; the physics can hold about {kept:.2g}"
        raise generation.GenerationError(message)


async def _serve(built: Mapping[Path, world.World], *, until_eof: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if until_eof:
        _watch_input(loop, stop)
    racks = {folder: Rack(one, rack_file.write_key(folder)) for folder, one in built.items()}
    try:
        await _open(racks)
        await _run(racks.values(), stop)
    finally:
        for rack in racks.values():
            await rack.close()


async def _open(racks: Mapping[Path, Rack]) -> None:
    for folder, rack in racks.items():
        path = await rack.open(folder)
        rack.world.ready()
        sys.stdout.write(f"ready {path}\n")
        sys.stdout.flush()


async def _run(racks: Iterable[Rack], stop: asyncio.Event) -> None:
    running = [asyncio.ensure_future(rack.run()) for rack in racks]
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in running:
        if task.done():
            task.result()
        task.cancel()


def _watch_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop at the end of standard input; a file or /dev/null is at its end at once."""

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    try:
        loop.add_reader(sys.stdin.fileno(), read)
    except PermissionError:
        stop.set()
