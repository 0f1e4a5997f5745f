"""The measuring part of a WT333E: settings, items, update cycle and integrator over what a feed carries."""

import struct
from dataclasses import dataclass, field
from math import acos, degrees, floor, hypot, inf, isinf, isnan, log10, nan

from harness.emulator.power import Feed
from harness.emulator.world import Meter, World

FUNCTIONS = (
    "U", "I", "P", "S", "Q", "LAMBDA", "PHI", "FU", "FI", "UPPEAK", "UMPEAK", "IPPEAK", "IMPEAK", "PPPEAK", "PMPEAK",
    "TIME", "WH", "WHP", "WHM", "AH", "AHP", "AHM", "MATH", "URANGE", "IRANGE", "NONE",
)  # fmt: skip
ELEMENTS = ("1", "2", "3", "SIGMA")
VOLTS = (15.0, 30.0, 60.0, 150.0, 300.0, 600.0)
AMPERES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
HOLDS = 1.3
"""How much of its range an input takes before it is over range."""

RATES = {"100MS": 0.1, "250MS": 0.25, "500MS": 0.5, "1S": 1.0, "2S": 2.0, "5S": 5.0, "10S": 10.0, "20S": 20.0}
CHOICES = {
    "mode": ("RMS", "VMEAN", "DC"), "wiring": ("P1W2", "P1W3", "P3W3", "P3W4", "V3A3"), "format": ("ASCII", "FLOAT"),
    "integration_mode": ("NORMAL", "CONTINUOUS"), "crest_factor": ("3", "6", "6A"),
    "sync": ("VOLTAGE", "CURRENT", "OFF"),
}  # fmt: skip
SHORT = {"ASC": "ASCII", "FLO": "FLOAT", "NORM": "NORMAL", "CONT": "CONTINUOUS", "VOLT": "VOLTAGE", "CURR": "CURRENT"}
FLAGS = ("voltage_auto", "current_auto", "scaling", "line_filter", "frequency_filter", "hold")
NO_DATA, OVERRANGE = 0x7E951BEE, 0x7E94F56A
"""What FLOAT replies hold where ASCII ones say NAN and INF."""


def nr3(value: float) -> str:
    """Return a number as the instrument writes it: five digits, exponent a multiple of three.

    >>> nr3(61234.0), nr3(0.99), nr3(float("nan")), nr3(float("inf"))
    ('61.234E+03', '990.00E-03', 'NAN', 'INF')
    """
    if isnan(value) or isinf(value):
        return "NAN" if isnan(value) else "INF"
    power = 3 * floor(log10(abs(float(f"{value:.4e}"))) / 3) if value else 0
    mantissa = value / 10.0**power
    return f"{mantissa:.{4 - len(str(int(abs(mantissa)))) + 1}f}E{power:+03d}"


def quantity(text: str, units: str) -> float:
    """Return a number with an optional unit: `300V`, `1A`, `500MA` (milli for amperes, mega for volts).

    Raises ValueError.
    """
    plain = text.upper().strip()
    if plain.endswith(units):
        plain = plain.removesuffix(units)
        if plain.endswith("M") and units == "A":
            return float(plain[:-1]) / 1000.0
    return float(plain)


def _defaults() -> dict[str, str]:
    return {
        "mode": "RMS", "wiring": "P3W4", "format": "ASCII", "integration_mode": "NORMAL", "crest_factor": "3",
        "sync": "VOLTAGE", "voltage_auto": "0", "current_auto": "0", "scaling": "1", "line_filter": "0",
        "frequency_filter": "0", "hold": "0", "timer": "0,0,0",
    }  # fmt: skip


@dataclass(slots=True)
class Instrument:
    """One instrument on one feed; ratios and settings are those of the bench when it was wired."""

    world: World
    feed: Feed
    settings: dict[str, str] = field(default_factory=_defaults)
    voltage_range: float = 300.0
    current_range: float = 2.0
    rate: float = 0.25
    ratios: dict[str, list[float]] = field(default_factory=dict)
    count: int = 9
    items: dict[int, tuple[str, str]] = field(default_factory=dict)
    integration: str = "RESET"
    energy: float = 0.0
    seconds: float = 0.0
    _began: tuple[float, list[float]] | None = None
    _banked: list[float] = field(default_factory=lambda: [0.0] * 4)
    _epoch: int = -1
    _shown: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ratios = {"ct": self._meter.ct_ratios, "vt": [1.0] * 3, "sfactor": [1.0] * 3}
        self.preset()

    def preset(self) -> None:
        """Choose the items that the instrument has at first: U to FI of element 1."""
        self.items = {n: (name, "1") for n, name in enumerate(FUNCTIONS[:9], 1)}
        self.count = 9

    def reset(self) -> None:
        """Initialise the settings (`*RST`); the scaling of the bench goes with them, as on the real one."""
        self.settings = _defaults() | {"scaling": "0"}
        for ratios in self.ratios.values():
            ratios[:] = [1.0] * 3
        self.voltage_range, self.current_range, self.rate = 600.0, 20.0, 0.5
        self.integrate_reset()
        self.preset()

    # settings

    def setting(self, name: str) -> str:
        """Return a setting as the instrument replies it."""
        if name == "current_range":
            return nr3(self._current_range)
        if name in {"voltage_range", "rate"}:
            return nr3(float(getattr(self, name)))
        return self.settings[name]

    def set(self, name: str, text: str) -> None:
        """Change a setting. Raises ValueError for what it cannot be, PermissionError while integrating."""
        if self.integration == "START" and name in {"voltage_range", "current_range", "rate", "mode", "wiring"}:
            raise PermissionError(name)
        if name in {"voltage_range", "current_range"}:
            self._set_range(name, text)
        elif name == "rate":
            self.rate = RATES[text.upper()] if text.upper() in RATES else _nearest(tuple(RATES.values()), float(text))
        else:
            self.settings[name] = _checked(name, text.upper().strip())

    def _set_range(self, name: str, text: str) -> None:
        halved = 0.5 if self.settings["crest_factor"] != "3" else 1.0
        table, unit = (VOLTS, "V") if name == "voltage_range" else (AMPERES, "A")
        setattr(self, name, _nearest(tuple(step * halved for step in table), quantity(text, unit)))

    # items and values

    def item(self, number: int) -> str:
        """Return what item `number` shows: function, element."""
        function, element = self.items.get(number, ("NONE", ""))
        return f"{function},{element}" if element else function

    def choose(self, number: int, words: list[str]) -> None:
        """Let item `number` show a function of an element. Raises ValueError for unknown ones."""
        function = _function(words[0] if words else "")
        element = words[1].upper().removesuffix("MA") if len(words) > 1 else "1"
        element = "SIGMA" if element in {"SIG", "SIGMA"} else element
        if element not in ELEMENTS:
            raise ValueError(element)
        self.items[number] = (function, element)

    def values(self, number: int | None) -> str:
        """Return the values of all items, or of one, in the format that is set."""
        self._update()
        chosen = [number] if number is not None else range(1, self.count + 1)
        found = [self._value(*self.items.get(n, ("NONE", ""))) for n in chosen]
        if self.settings["format"] == "ASCII":
            return ",".join(map(nr3, found))
        block = b"".join(_float(value) for value in found)
        return f"#4{len(block):04}" + block.decode("latin-1")

    def condition(self) -> int:
        """Return the condition register: bit 1 integrating, bits 6, 9, 12 overrange of a voltage input."""
        over = sum(1 << bit for bit in (6, 9, 12)) if self._over else 0
        return over | (2 if self.integration == "START" else 0)

    @property
    def _current_range(self) -> float:
        return self._meter.current_range or self.current_range

    @property
    def _meter(self) -> Meter:
        return self.world.meters[self.feed.name]

    def _update(self) -> None:
        epoch = int(self.world.now / self.rate)
        if self.settings["hold"] == "0" and epoch != self._epoch:
            self._epoch = epoch
            self._shown = {str(n + 1): self._measure(n) for n in range(3)}
            self._follow()

    def _follow(self) -> None:
        """Let a range that is to follow the signal be the smallest that holds it."""
        volts, amperes = self._terminals()
        if self.settings["voltage_auto"] == "1":
            self.voltage_range = next((step for step in VOLTS if step * HOLDS >= volts), VOLTS[-1])
        if self.settings["current_auto"] == "1":
            self.current_range = next((step for step in AMPERES if step * HOLDS >= amperes), AMPERES[-1])

    def _terminals(self) -> tuple[float, float]:
        """Return the largest voltage and current that stand at the terminals, V and A."""
        phases = [self.feed.phase(n) for n in range(3)]
        return max(p[0] for p in phases), max(p[1] for p in phases) / self.world.generation.feed.ct_ratio

    @property
    def _over(self) -> bool:
        """Tell whether an input exceeds its range, or is made to by a fault."""
        volts, amperes = self._terminals()
        return self._meter.overrange or volts > HOLDS * self.voltage_range or amperes > HOLDS * self.current_range

    def _measure(self, n: int) -> tuple[float, float, float, float]:
        """Return voltage, current, active and reactive power of element `n` as displayed."""
        volts, amperes, power, reactive = self.feed.phase(n)
        scale = self._scale(n)
        key = f"{self.feed.name}/{n + 1}"
        shown = self.world.sense(f"{key}/u", "meter", lambda: volts)
        error_i = self.world.sense(f"{key}/i", "meter", lambda: 1.0)
        error_p = self.world.sense(f"{key}/p", "meter", lambda: 1.0)
        return shown, amperes * scale * error_i, power * scale * error_p, reactive * scale * error_p

    def _scale(self, n: int) -> float:
        """Return what is displayed over what the primary carries: 1 where ratio and transformer agree."""
        if self.settings["scaling"] == "0":
            return 1.0 / self.world.generation.feed.ct_ratio
        factors = self.ratios["ct"][n] * self.ratios["vt"][n] * self.ratios["sfactor"][n]
        return factors / self.world.generation.feed.ct_ratio

    def _value(self, function: str, element: str) -> float:
        if function == "NONE":
            return nan
        if function in {"WH", "WHP", "TIME", "AH", "WHM"}:
            return self._integrated(function, element)
        if function in {"URANGE", "IRANGE"}:
            return self.voltage_range if function == "URANGE" else self._current_range
        if self._over and function in {"U", "I", "P", "S", "Q", "LAMBDA", "PHI"}:
            return inf
        if function in {"FU", "FI"}:
            return self.feed.figures.frequency_hz if element == "1" else nan
        return self._electrical(function, element)

    def _electrical(self, function: str, element: str) -> float:
        chosen = ["1", "2", "3"] if element == "SIGMA" else [element]
        u = sum(self._shown[e][0] for e in chosen) / len(chosen)
        i = sum(self._shown[e][1] for e in chosen) / len(chosen)
        p, q = (sum(self._shown[e][k] for e in chosen) for k in (2, 3))
        s = sum(hypot(self._shown[e][2], self._shown[e][3]) for e in chosen)
        ratio = p / s if s else nan
        angle = degrees(acos(max(-1.0, min(1.0, ratio))))
        values = {"U": u, "I": i, "P": p, "Q": q, "S": s, "LAMBDA": ratio, "PHI": angle}
        return values.get(function, nan)

    # integration

    def integrate(self, action: str) -> None:
        """Start, stop or reset the integrator. Raises PermissionError where its state forbids it."""
        if action == "RESET":
            if self.integration == "START":
                raise PermissionError(action)
            self.integrate_reset()
        elif action == "START" and self.integration != "START":
            self._began, self.integration = (self.world.now, self._counts()), "START"
        elif action == "STOP" and self.integration == "START":
            self._banked = self._totals()
            self._began, self.integration = None, "STOP"
        else:
            raise PermissionError(action)

    def integrate_reset(self) -> None:
        """Set the integrator to zero."""
        self._began, self.integration, self._banked = None, "RESET", [0.0] * 4

    def _counts(self) -> list[float]:
        """Return Wh of the three elements and seconds, since the rack was ready."""
        energy = self.feed.energy + self.feed.power * self.world.lead / 3600.0
        energies = [energy * self.feed.shares[n] * self._scale(n) for n in range(3)]
        return [*energies, self.world.now]

    def _totals(self) -> list[float]:
        if self._began is None:
            return self._banked
        return [b + now - then for b, now, then in zip(self._banked, self._counts(), self._began[1], strict=True)]

    def _integrated(self, function: str, element: str) -> float:
        totals = self._totals()
        if function == "TIME":
            return totals[3]
        if function == "AH":
            totals = [self._charge(n, totals[n]) for n in range(3)]
        elif function not in {"WH", "WHP"}:
            return 0.0 if function == "WHM" else nan
        return sum(totals[:3]) if element == "SIGMA" else totals[int(element) - 1]

    def _charge(self, n: int, energy: float) -> float:
        """Return the charge in Ah that brought an energy in Wh: voltage and power factor hardly change."""
        _, amperes, power, _ = self.feed.phase(n)
        return energy * amperes / power if power else 0.0


def _nearest(table: tuple[float, ...], wanted: float) -> float:
    for step in table:
        if abs(step - wanted) <= 1e-6 * step:
            return step
    raise ValueError(wanted)


def _checked(name: str, text: str) -> str:
    if name in FLAGS:
        if text not in {"ON", "OFF", "0", "1"}:
            raise ValueError(text)
        return "1" if text in {"ON", "1"} else "0"
    if name in CHOICES:
        text = SHORT.get(text, text)
        if text not in CHOICES[name]:
            raise ValueError(text)
    return text


def _function(word: str) -> str:
    upper = {"LAMB": "LAMBDA", "URAN": "URANGE", "IRAN": "IRANGE", "NON": "NONE"}.get(word.upper(), word.upper())
    if upper not in FUNCTIONS:
        raise ValueError(word)
    return upper


def _float(value: float) -> bytes:
    if isnan(value):
        return NO_DATA.to_bytes(4, "big")
    return OVERRANGE.to_bytes(4, "big") if isinf(value) else struct.pack(">f", value)
