"""What must be alike for figures of two runs to be compared: boundary, work, windows, coolant and supply."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from math import hypot

from harness.figures import duration, number
from harness.records import Measurement
from harness.run import Run

COOLANT_K = 1.0
"""Supply temperatures closer than this count as alike where no uncertainty says otherwise, K; our choice."""
SUPPLY_V = 0.05
"""Relative: supply voltages closer than this count as alike; our choice."""
_BOUNDARY = "full_power"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as each run had it; `alike` is None where a run does not tell."""

    name: str
    said: tuple[str, ...]
    alike: bool | None


def conditions(runs: list[Run]) -> list[Condition]:
    """Return every condition of the runs, the first of which is the baseline."""
    return [
        *(_same(name, runs, tell) for name, tell in _TOLD.items()),
        *(_near(name, runs, *wanted) for name, wanted in _MEASURED.items()),
    ]


def differing(found: list[Condition]) -> list[Condition]:
    """Return the conditions that forbid a ratio."""
    return [condition for condition in found if condition.alike is False]


def _same(name: str, runs: list[Run], tell: Callable[[Run], str]) -> Condition:
    said = tuple(map(tell, runs))
    return Condition(name, tuple(s or "not told" for s in said), len(set(said)) == 1 if all(said) else None)


def _near(name: str, runs: list[Run], quantity: str, within: Callable[[Measurement, Measurement], bool]) -> Condition:
    found = [next((m for m in run.measurements if m.name == quantity), None) for run in runs]
    said = tuple("not measured" if m is None else f"{number(m.value)} {m.unit}" for m in found)
    known = [m for m in found if m is not None]
    if len(known) < len(found):
        return Condition(name, said, None)
    return Condition(name, said, all(within(known[0], m) for m in known[1:]))


def _boundary(run: Run) -> str:
    """Say what the power of the rack was measured by: roles and models of the devices that were asked."""
    sources = [source for m in run.measurements if m.name == _BOUNDARY for source in m.sources]
    asked = {source.partition(" ")[0] for source in sources}
    found = sorted({f"{d.role}: {d.device_model}" for d in run.seen.values() if d.address.partition("?")[0] in asked})
    return ", ".join(found)


def _work(run: Run) -> str:
    """Return a digest of what ran where: workload and host by host, without what a command carries of one run."""
    ran = sorted({f"{w.state} {w.workload} {w.unit} {len(w.values)}" for w in run.workloads})
    if not ran:
        return ""
    names = ", ".join(sorted({w.workload for w in run.workloads}))
    return f"{names}, digest {hashlib.sha256(chr(10).join(ran).encode()).hexdigest()[:12]}"


def _windows(run: Run) -> str:
    return ", ".join(f"{s.state} {duration(round((s.end - s.begin).total_seconds()))}" for s in run.states)


def _kind(run: Run) -> str:
    return "emulated" if run.emulated else "real"


_TOLD: dict[str, Callable[[Run], str]] = {
    "hardware": _kind,
    "measurement boundary": _boundary,
    "workload": _work,
    "windows": _windows,
}


def _close_kelvin(a: Measurement, b: Measurement) -> bool:
    return abs(_value(a) - _value(b)) <= max(COOLANT_K, 2 * hypot(a.uncertainty or 0.0, b.uncertainty or 0.0))


def _close_volts(a: Measurement, b: Measurement) -> bool:
    return abs(_value(a) - _value(b)) <= SUPPLY_V * abs(_value(a))


def _value(m: Measurement) -> float:
    figure = number(m.value)
    return float("nan") if figure is None else figure


_MEASURED: dict[str, tuple[str, Callable[[Measurement, Measurement], bool]]] = {
    "coolant supply": ("supply_temperature", _close_kelvin),
    "air inlet": ("inlet_temperature", _close_kelvin),
    "supply voltage": ("supply_voltage", _close_volts),
}
