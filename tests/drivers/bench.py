"""An instrument on the bench: answers what it knows, and is silent to what it does not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from drivers.errors import Silent
from drivers.points import Reading
from drivers.scpi_device import ScpiDevice
from drivers.visa import VisaTransport
from tests.drivers.scripted import StillClock

D = TypeVar("D", bound=ScpiDevice)


@dataclass
class Bench:
    """`answer` takes one line and returns the reply, or None where the instrument sends none.

    `nameless` is an instrument that does not answer `*IDN?` either.
    """

    answer: Callable[[str], str | None]
    address: str = "test://bench"
    asked: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    nameless: bool = False

    def query(self, command: str) -> str:
        self.asked.append(command)
        reply = self.answer(command)
        if reply is None and command == "*IDN?" and not self.nameless:
            return "MAKER,MODEL,1,1"
        if reply is None:
            raise Silent("no reply within 5 s", address=self.address, sent=command)
        return reply

    def write(self, command: str) -> None:
        self.written.append(command)
        assert self.answer(command) is None, f"{command!r} is a query"

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        return {query: self.query(query) for query in queries}

    def close(self) -> None:
        pass


def on_bench(device: type[D], answer: Callable[[str], str | None]) -> tuple[D, Bench]:
    """Connect a driver to an instrument on the bench."""
    bench = Bench(answer)
    return device(cast("VisaTransport", bench), StillClock()), bench


def by_name(readings: Sequence[Reading]) -> dict[str, Reading]:
    """Return readings by name; each name is there once."""
    found = {reading.name: reading for reading in readings}
    assert len(found) == len(readings)
    return found


def values(readings: Mapping[str, Reading], *names: str) -> list[object]:
    """Return the values of these readings."""
    return [readings[name].value for name in names]


def units(line: str) -> list[str]:
    """Split a message into its program message units."""
    return [unit for unit in re.split(r"\s*;\s*", line.strip()) if unit]
