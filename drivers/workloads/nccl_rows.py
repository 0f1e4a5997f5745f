"""The rows of nccl-tests, however they were written: sizes by out-of-place and in-place, and what was checked."""

from dataclasses import dataclass, field

from drivers.errors import Garbled
from drivers.workloads.findings import Findings, number

MOST_ROWS = 1500
"""Different rows that one table may have; a sweep has about 35. The rows of repeated cycles count once."""

_UNCHECKED_IN_PLACE = frozenset({"alltoall_perf", "sendrecv_perf", "hypercube_perf"})
"""Tests that never check in place: they cannot run there (nccl-tests `src/alltoall.cu`, `sendrecv.cu`: recalled)."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of out-of-place and in-place, as written: time in us, bandwidths in GB/s, wrong elements or None.

    `error` tells that the last is the greatest deviation, as old versions print it, and no count.
    """

    time: str
    algorithm: str
    bus: str
    wrong: str | None
    error: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One size in B with what sets it apart (type, redop, root)."""

    size: str
    kind: tuple[str, ...]
    out_of_place: Side | None
    in_place: Side | None


@dataclass
class Table:
    """All rows; of a size that was measured more than once the slowest counts."""

    validated: bool | None = None
    test: str | None = None
    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Keep a row. Raises Garbled beyond the most rows."""
        key = (row.size, *row.kind)
        before = self.rows.get(key)
        self.rows[key] = row if before is None else _worst(before, row)
        if len(self.rows) > MOST_ROWS:
            raise Garbled(f"more than {MOST_ROWS} different rows in one table")

    def write(self, found: Findings) -> None:
        """Hand figures and reasons over."""
        if not self.rows:
            found.bad("there is no row")
        several = len({row.kind for row in self.rows.values()}) > 1
        for row in self.rows.values():
            key = ":".join((row.size, *row.kind)) if several else row.size
            for name, side in (("out_of_place", row.out_of_place), ("in_place", row.in_place)):
                if side is not None:
                    _write_side(found, f"{name}[{key}]", row.size, side)
        self._judge(found)

    def _judge(self, found: Findings) -> None:
        out = [row.out_of_place.wrong for row in self.rows.values() if row.out_of_place is not None]
        inside = [row.in_place.wrong for row in self.rows.values() if row.in_place is not None]
        if self.validated is False:
            found.unverified("checking was off (validation: 0)")
        elif None in out:
            found.unverified("the results were not checked: N/A is not 0 wrong")
        elif None in inside and (self.test not in _UNCHECKED_IN_PLACE or any(w is not None for w in inside)):
            found.unverified("the results in place were not checked: N/A is not 0 wrong")


def _write_side(found: Findings, scope: str, size: str, side: Side) -> None:
    found.figure(f"{scope}.time", side.time, "s", "1e-6")
    for quantity, raw in (("algorithm_bandwidth", side.algorithm), ("bus_bandwidth", side.bus)):
        if size.strip("0"):
            found.figure(f"{scope}.{quantity}", raw, "B/s", "1e9")
        else:
            found.missing(f"{scope}.{quantity}", "B/s", raw, "no data was moved")
    if side.wrong is None:
        found.missing(f"{scope}.wrong", "1", "N/A", "it was not checked")
        return
    count = found.figure(f"{scope}.{'deviation' if side.error else 'wrong'}", side.wrong)
    if count and not side.error:
        found.bad(f"{scope}: {side.wrong} elements are wrong")


def _worst(one: Row, other: Row) -> Row:
    sides = [_worse(a, b) for a, b in ((one.out_of_place, other.out_of_place), (one.in_place, other.in_place))]
    return Row(one.size, one.kind, sides[0], sides[1])


def _worse(one: Side | None, other: Side | None) -> Side | None:
    if one is None or other is None:
        return None
    slower = max(one, other, key=lambda side: number(side.time))
    wrong = None if one.wrong is None or other.wrong is None else max(one.wrong, other.wrong, key=number)
    return Side(slower.time, slower.algorithm, slower.bus, wrong, slower.error)
