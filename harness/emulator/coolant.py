"""What takes the heat away: a coolant loop, or air. Heat makes what comes back warmer than what goes in."""

from dataclasses import dataclass
from math import pi, sin

from harness.emulator.figures import AirFigures, CoolantFigures
from harness.emulator.possible import AIR_J_PER_M3_K
from harness.emulator.trays import lag

BUBBLE_S = 3.1
"""Period with which bubbles come round, s."""


@dataclass(slots=True)
class Loop:
    """Supply and return degC, flow l/min, pressures kPa, heat W carried away by liquid and by air."""

    figures: CoolantFigures
    supply: float
    pumping: float = 1.0
    wet: bool = False
    swapped: bool = False
    bubbles: float = 0.0
    phase: float = 0.0
    returned: float = 0.0
    heat: float = 0.0
    air: float = 0.0

    @property
    def flow(self) -> float:
        """Return the flow, l/min; air in the loop makes it come and go."""
        return self.figures.flow_lpm * self.pumping * (1.0 + self.bubbles * sin(2.0 * pi * self.phase))

    @property
    def capacity(self) -> float:
        """Return the heat that the flow carries per kelvin, W/K."""
        return self.flow / 60.0 * self.figures.heat_capacity_j_per_l_k

    @property
    def felt(self) -> tuple[float, float]:
        """Return what the sensors at the supply and at the return are in, degC: swapped hoses swap them."""
        return (self.returned, self.supply) if self.swapped else (self.supply, self.returned)

    @property
    def pump_rpm(self) -> float:
        """Return the speed of each pump, rpm."""
        return self.figures.pump_rpm * self.pumping

    @property
    def supply_kpa(self) -> float:
        """Return the pressure at the supply, kPa; a leak lets some of it go."""
        return self.figures.supply_kpa * (0.94 if self.wet else 1.0)

    @property
    def return_kpa(self) -> float:
        """Return the pressure at the return, kPa: the drop grows with the square of the flow."""
        return self.supply_kpa - self.figures.drop_kpa * self.pumping**2

    def step(self, dt: float, power: float) -> None:
        """Take up the heat of `power` W for `dt` s."""
        f = self.figures
        self.phase = (self.phase + dt / BUBBLE_S) % 1.0
        self.heat = lag(self.heat, power * f.captured, dt, f.lag_s)
        self.air = lag(self.air, power * (1.0 - f.captured), dt, f.lag_s)
        self.returned = self.supply + self.heat / self.capacity

    def outlet(self, power: float, part: float) -> float:
        """Return how warm the `part` of the flow comes out of a tray that draws `power` W, degC."""
        return self.supply + power * self.figures.captured / (self.capacity * part)


@dataclass(slots=True)
class Air:
    """Air through the rack: inlet and outlet degC, heat W that it carries away."""

    figures: AirFigures
    supply: float
    pumping: float = 1.0
    returned: float = 0.0
    heat: float = 0.0
    air: float = 0.0

    @property
    def capacity(self) -> float:
        """Return the heat that the flow carries per kelvin, W/K."""
        return self.figures.flow_m3_per_h / 3600.0 * self.pumping * AIR_J_PER_M3_K

    def step(self, dt: float, power: float) -> None:
        """Take up the heat of `power` W for `dt` s."""
        self.air = lag(self.air, power, dt, self.figures.lag_s)
        self.returned = self.supply + self.air / self.capacity

    def outlet(self, power: float, part: float) -> float:
        """Return how warm the `part` of the flow comes out of a tray that draws `power` W, degC."""
        return self.supply + power / (self.capacity * part)
