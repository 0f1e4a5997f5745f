"""Sensors between physics and faces: refresh, gain error, noise, resolution, and what can go wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan, nan

from harness.emulator.figures import SensorFigures
from harness.emulator.variation import dice, noise


@dataclass(slots=True)
class Sensors:
    """All sensors of a rack, by a name such as `shelf2/psu4/input_power`; faults act on a name or all below it."""

    figures: dict[str, SensorFigures]
    seed: int
    _held: dict[str, tuple[int, float]] = field(default_factory=dict)
    _gains: dict[str, float] = field(default_factory=dict)
    _offsets: dict[str, float] = field(default_factory=dict)
    _scales: dict[str, float] = field(default_factory=dict)
    _frozen: set[str] = field(default_factory=set)
    _missing: set[str] = field(default_factory=set)

    def read(self, name: str, kind: str, now: float, true: Callable[[], float]) -> float:
        """Return what the sensor shows at `now` s for what is `true`: NaN where it has no value."""
        if name in self._missing:
            return nan
        figures = self.figures[kind]
        epoch = int(now / figures.refresh_s) if figures.refresh_s else int(now * 1000)
        held = self._held.get(name)
        if held is None or (held[0] != epoch and name not in self._frozen):
            held = (epoch, self._sample(name, figures, epoch, true()))
            self._held[name] = held
        return held[1]

    def _sample(self, name: str, figures: SensorFigures, epoch: int, true: float) -> float:
        if isnan(true):
            return nan
        if true == 0.0 and figures.exact_zero:
            return 0.0
        spread = figures.noise + figures.relative_noise * abs(true)
        drawn = spread * noise(self.seed, name, epoch) if spread else 0.0
        shown = true * self._gain(name, figures) * self._scale(name) + self._offset(name, figures) + drawn
        # the second rounding takes off what binary fractions add
        return round(round(shown / figures.resolution) * figures.resolution, 9) if figures.resolution else shown

    def _gain(self, name: str, figures: SensorFigures) -> float:
        if name not in self._gains:
            self._gains[name] = 1.0 + dice(self.seed, name, "gain").uniform(-figures.gain, figures.gain)
        return self._gains[name]

    def _offset(self, name: str, figures: SensorFigures) -> float:
        if not figures.offset:
            return 0.0
        if name not in self._offsets:
            self._offsets[name] = dice(self.seed, name, "offset").uniform(-figures.offset, figures.offset)
        return self._offsets[name]

    def _scale(self, name: str) -> float:
        return self._scales.get(name, 1.0) if self._scales else 1.0

    def scale(self, name: str, factor: float) -> None:
        """Let the sensor show `factor` times what it should."""
        self._scales[name] = self._scales.get(name, 1.0) * factor

    def freeze(self, name: str) -> None:
        """Let the sensor keep the value that it shows, or the first that it will show."""
        self._frozen.add(name)

    def lose(self, name: str) -> None:
        """Let the sensor have no value from now on."""
        self._missing.add(name)
