"""What a tool says, gathered as figures: numbers with units, words, and the many ways to say that there is none."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from sys import intern
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.json_output import shown
from drivers.items import item
from drivers.parsed import Figure, Parsed, Verdict
from drivers.points import Value

ABSENT = frozenset(
    (
        *("", "n/a", "[n/a]", "na", "none", "null", "-", "--", "not available", "not applicable", "not supported"),
        *("[not supported]", "not specified", "not provided", "unknown", "[unknown]", "unavailable", "not present"),
        *("requested functionality has been deprecated", "[requested functionality has been deprecated]"),
        *("err!", "[err!]", "unknown error", "[unknown error]", "gpu is lost", "[gpu is lost]", "gpu requires reset"),
        *("[gpu requires reset]", "[insufficient permissions]", "insufficient permissions", "function not found"),
        *("<access denied>", "<bad index>", "to be filled by o.e.m.", "nan", "-nan", "inf", "-inf", "[no data]"),
    )
)
"""What stands where a value would, in lower case."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST = 2**128
_SHORT = 12
"""Texts up to here repeat themselves in a long output, and are kept once."""
Units = Mapping[str, tuple[str | None, float]]


def present(raw: Any) -> str:
    """Return a text that says something. Raises NoReading with the words that say there is nothing, Garbled."""
    if raw is None:
        raise NoReading("not listed")
    if not isinstance(raw, str):
        raise Garbled("not a text", received=shown(raw))
    said = raw.strip()
    if said.lower() in ABSENT:
        raise NoReading(said or "an empty field", received=raw)
    if "\ufffd" in said or not said.isprintable():
        raise Garbled("not a text", received=raw)
    return said


def words(raw: Any) -> str:
    """Return a text, a number as text. Raises NoReading, Garbled."""
    return shown(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else present(raw)


def literal(raw: Any) -> str:
    """Return a text in which `none` is an answer of its own. Raises NoReading, Garbled."""
    return "None" if isinstance(raw, str) and raw.strip() == "None" else present(raw)


def number(raw: Any) -> int | float:
    """Return a number, from a number or from a text that is nothing else. Raises NoReading, Garbled."""
    if isinstance(raw, str) or raw is None:
        raw = _of_text(present(raw))
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) >= _LARGEST:
        raise Garbled("not a number", received=shown(raw))
    return raw


def _of_text(said: str) -> int | float:
    digits = said.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", said, re.ASCII) else said
    if re.fullmatch(r"[+-]?\d{1,40}", digits, re.ASCII):
        return int(digits)
    if not _NUMBER.fullmatch(digits):
        raise Garbled("not a number", received=said)
    return float(digits)


def count(raw: Any) -> int:
    """Return a whole number that is not negative. Raises NoReading, Garbled."""
    found = number(raw)
    if not isinstance(found, int) or found < 0:
        raise Garbled("not a count", received=shown(raw))
    return found


def scaled(found: int | float, factor: float) -> int | float:
    """Return a product without the noise that a binary fraction leaves behind the digits that were read.

    >>> scaled(6.5, 1e-3), 6.5 * 1e-3, scaled(4, 512_000)
    (0.0065, 0.006500000000000001, 2048000)
    """
    product = found * factor
    return float(f"{product:.15g}") if isinstance(product, float) else product


def times(factor: float, read: Callable[[Any], int | float] = number) -> Callable[[Any], int | float]:
    """Return a reader of numbers that are to be multiplied."""
    return lambda raw: scaled(read(raw), factor)


def with_unit(**units: float) -> Callable[[Any], int | float]:
    """Return a reader of texts such as `24 C`: a number and one of these units, each with its factor."""

    def read(raw: Any) -> int | float:
        figure, _, unit = present(raw).partition(" ")
        if unit.strip() not in units:
            raise Garbled(f"not in {' or '.join(units)}", received=raw)
        found, factor = number(figure), units[unit.strip()]
        return found if factor == 1 else scaled(found, factor)

    return read


def yes_or_no(raw: Any) -> bool:
    """Return whether. Raises NoReading, Garbled."""
    if isinstance(raw, bool):
        return raw
    said = present(raw).lower()
    if said not in _YES | _NO:
        raise Garbled("neither yes nor no", received=raw)
    return said in _YES


_YES, _NO = frozenset(("yes", "true", "on", "enabled")), frozenset(("no", "false", "off", "disabled"))


class Sheet:
    """Figures in the order in which they were read. A name that comes twice with two values is null and says so."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def add(self, name: str, raw: Any, read: Callable[[Any], Value] = words, unit: str | None = None) -> Value:
        """Read one figure and return its value; where there is none it is null with the reason."""
        found = item(read, raw, shown(raw))
        said = intern(found.raw) if len(found.raw) < _SHORT else found.raw
        self.put(Figure(name, found.value, unit, said, found.reason and intern(found.reason)))
        return found.value

    def put(self, figure: Figure) -> None:
        """Add a figure that has been read."""
        known = self._figures.setdefault(figure.name, figure)
        if known is not figure and (known.value, known.unit) != (figure.value, figure.unit):
            what = f"it stands there twice: {known.raw[:80]} and {figure.raw[:80]}"
            self._figures[figure.name] = Figure(figure.name, None, known.unit, figure.raw, what)

    def value(self, name: str) -> Value:
        """Return a value by name, None where there is none."""
        return self._figures[name].value if name in self._figures else None

    def true(self, *quantities: str) -> Iterator[str]:
        """Yield the names of figures of these quantities that are true."""
        for name, figure in self._figures.items():
            if figure.value is True and name.rpartition(".")[2] in quantities:
                yield name

    def __len__(self) -> int:
        return len(self._figures)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._figures.values())

    def parsed(
        self, tool: str, reasons: Iterable[str] = (), verdict: Verdict = "none", version: str | None = None
    ) -> Parsed:
        """Return the whole: `bad` where there are reasons and `verdict` is one that has none."""
        told = tuple(dict.fromkeys(reasons))
        found: Verdict = "bad" if told and verdict in ("good", "none") else verdict
        return Parsed(tool, found, tuple(self._figures.values()), told, version)


def lines(output: bytes) -> Iterator[str]:
    """Yield the lines of an output one by one, without their ends; what is not UTF-8 becomes U+FFFD."""
    for line in BytesIO(output.removeprefix(b"\xef\xbb\xbf")):
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def key(raw: str) -> str:
    """Return a name that fits between brackets: what would end them, or is not printable, becomes `_`.

    >>> key("eth0"), key("a]b")
    ('eth0', 'a_b')
    """
    return "".join(c if c.isprintable() and c not in "[]" else "_" for c in raw.strip())[:100] or "_"


def quantity(raw: str) -> str:
    """Return a heading as the name of a quantity.

    >>> quantity("Laser tx power, lane 1"), quantity("rx_bytes")
    ('laser_tx_power_lane_1', 'rx_bytes')
    """
    return re.sub(r"[^0-9a-z]+", "_", raw.lower()).strip("_")[:100] or "_"
