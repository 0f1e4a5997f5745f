"""Enlogic (nVent) PDUs: ENLOGIC-PDU-MIB. APC's CPDU tree is the same design and shares its table."""

from typing import ClassVar, NamedTuple

from drivers.columns import Cell, ColumnPoint, Read, Source, number, numbered, only, whole, words
from drivers.errors import NoReading
from drivers.pdus.device import STATE, Control, PduDevice, Plate, one_column
from drivers.points import Value

_ROOT = "1.3.6.1.4.1.38446.1"

_PLAIN, _HUNDREDTHS, _HUNDREDS = number(), number(per=100), number(times=100)
_LEVELS = numbered("upper_critical upper_warning lower_warning lower_critical normal", start=1)
_LEVEL, _BREAKER = words(_LEVELS), words({**_LEVELS, 6: "off"})
_SENSED = words(numbered("alarmed normal lower_warning lower_critical upper_warning upper_critical", start=1))
_AGREES = 0.1
_NO_SENSOR = {1: "not installed", 3: "communication lost"}
_TEMPERATURE, _HUMIDITY, _DOOR, _CONTACT, _LEAK_ROPE, _LEAK_SPOT, _SMOKE = range(1, 8)
_CELSIUS, _FAHRENHEIT = 1, 2


class Sensors(NamedTuple):
    """The columns of the sensors' status, which the two makers number differently."""

    communication: int
    state: int
    value: int
    precise: int


def _power_factor(column: str, active: str, apparent: str) -> Source:
    """Read a power factor, of which the MIB says "ratio" and no scale: the scale that agrees with watts over VA."""

    def read(cell: Cell) -> Value:
        value, watts, voltamperes = whole(cell.raw), cell.look(active), cell.look(apparent)
        if not isinstance(watts, int) or not isinstance(voltamperes, int) or voltamperes <= 0:
            raise NoReading("no power by which to tell the scale of the power factor")
        fitting = {value / scale for scale in (1, 100, 1000) if abs(value / scale - watts / voltamperes) < _AGREES}
        if len(fitting) != 1:
            raise NoReading(f"the device does not say what its {value} is a ratio of")
        return fitting.pop()

    return Source(column, read, (active, apparent))


def _outlet(table: str, column: int, read: Read) -> Source:
    """Read an outlet that is there: the MIB lists those of the largest model, with the number 0."""
    source = Source(f"{table}.{column}", read)
    return source.keyed(lambda cell: None if cell.look(f"{table}.2") == 0 else cell.index, f"{table}.2")


def _breaker(source: Source, root: str) -> Source:
    """Read a breaker that is there: the MIB lists those of the largest model, with a count of 0 and the label NA."""

    def read(cell: Cell) -> Value:
        if cell.look(f"{root}.4.4.1.2") == 0 or cell.look(f"{root}.4.4.1.3") in {b"NA", b"NA\0"}:
            raise NoReading("the device says: no such breaker")
        return source.read(cell)

    return Source(source.oid, read, (f"{root}.4.4.1.2", f"{root}.4.4.1.3"))


def _sensor(root: str, sensors: Sensors, column: int, read: Read, *kinds: int) -> Source:
    typed = f"{root}.6.2.1.6"
    source = Source(f"{root}.6.4.1.{column}", read).keyed(only(typed, *kinds), typed)
    return source.unless(f"{root}.6.4.1.{sensors.communication}", _NO_SENSOR).unless(
        f"{root}.6.4.1.{sensors.state}", {0: "not present"}
    )


def _temperatures(root: str, sensors: Sensors) -> tuple[Source, Source]:
    """Return the tenths of a degree, which not all firmware has, and the whole ones; both may be in °F."""
    scale = f"{root}.6.2.1.7"
    tenths = _sensor(root, sensors, sensors.precise, number(per=10, signed=True), _TEMPERATURE)
    degrees = _sensor(root, sensors, sensors.value, number(signed=True), _TEMPERATURE)
    fine, coarse = (
        source.in_scale(scale, _FAHRENHEIT, _CELSIUS, lambda cell: cell.index) for source in (tenths, degrees)
    )
    return fine, coarse


def _sensor_points(root: str, sensors: Sensors) -> tuple[ColumnPoint, ...]:
    humidity = _sensor(root, sensors, sensors.value, _PLAIN, _HUMIDITY)
    others = {
        "door": (_DOOR,),
        "contact": (_CONTACT,),
        "leak": (_LEAK_ROPE, _LEAK_SPOT),
        "smoke": (_SMOKE,),
    }
    return (
        ColumnPoint("sensor[].temperature", "degC", "Temperature at a sensor.", *_temperatures(root, sensors)),
        ColumnPoint("sensor[].humidity", "%RH", "Humidity at a sensor.", humidity),
        *(
            ColumnPoint(
                f"sensor[].{name}",
                None,
                f"State of a sensor for {name}, in the MIB's words.",
                _sensor(root, sensors, sensors.state, _SENSED, *kinds),
            )
            for name, kinds in others.items()
        ),
    )


def table(root: str, sensors: Sensors) -> tuple[ColumnPoint, ...]:
    """Return the points of a PDU of this design whose tables lie under `root`."""
    unit, phase, metered = f"{root}.2.4.1", f"{root}.3.4.1", f"{root}.5.9.1"
    breaker = f"{root}.4.4.1"
    relay = _outlet(f"{root}.5.4.1", 4, words(numbered("off on")))
    commanded = Source(f"{root}.5.5.1.4", words(numbered("off on", start=1), {7: "unknown"}))
    return (
        ColumnPoint("inlet[].power", "W", "Power of a PDU.", Source(f"{unit}.4", _PLAIN)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of a PDU.", Source(f"{unit}.5", _PLAIN)),
        ColumnPoint("inlet[].peak_power", "W", "Greatest power of a PDU.", Source(f"{unit}.6", _PLAIN)),
        ColumnPoint("inlet[].energy", "Wh", "Energy of a PDU in its lifetime.", Source(f"{unit}.9", _HUNDREDS)),
        ColumnPoint("inlet[].energy_since_reset", "Wh", "Energy of a PDU.", Source(f"{unit}.10", _HUNDREDS)),
        ColumnPoint(
            *("inlet[].power_factor", "1", "Power factor of a PDU."),
            _power_factor(*(f"{unit}.{n}" for n in (13, 4, 5))),
            confirmed=False,
        ),
        ColumnPoint("inlet[].load_state", None, "Load of a PDU against its limits.", Source(f"{unit}.3", _LEVEL)),
        ColumnPoint("phase[].current", "A", "Current of a phase or line.", Source(f"{phase}.5", _HUNDREDTHS)),
        ColumnPoint("phase[].voltage", "V", "Voltage of a phase.", Source(f"{phase}.6", _PLAIN)),
        ColumnPoint("phase[].power", "W", "Power of a phase.", Source(f"{phase}.7", _PLAIN)),
        ColumnPoint("phase[].apparent_power", "VA", "Apparent power of a phase.", Source(f"{phase}.8", _PLAIN)),
        ColumnPoint(
            "phase[].power_factor",
            "1",
            "Power factor of a phase.",
            _power_factor(*(f"{phase}.{n}" for n in (9, 7, 8))),
            confirmed=False,
        ),
        ColumnPoint("breaker[].state", None, "State of a breaker.", _breaker(Source(f"{breaker}.4", _BREAKER), root)),
        ColumnPoint(
            "breaker[].current", "A", "Current of a breaker.", _breaker(Source(f"{breaker}.5", _HUNDREDTHS), root)
        ),
        ColumnPoint(STATE, None, "Relay of an outlet.", relay, commanded),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", _outlet(metered, 5, _HUNDREDTHS)),
        ColumnPoint("outlet[].power", "W", "Power of an outlet.", _outlet(metered, 6, _PLAIN)),
        ColumnPoint("outlet[].peak_power", "W", "Greatest power of an outlet.", _outlet(metered, 8, _PLAIN)),
        ColumnPoint("outlet[].energy", "Wh", "Energy of an outlet.", _outlet(metered, 11, _HUNDREDS)),
        *_sensor_points(root, sensors),
    )


def controls(root: str) -> dict[str, Control]:
    """Return how the outlets of a PDU of this design are switched: at once, not after its delays."""
    control = one_column(f"{root}.5.5.1.4", on=2, off=1, cycle=5)
    return {f"{root}.5.4.1.4": control, f"{root}.5.5.1.4": control}


def proof(root: str) -> tuple[str, ...]:
    """Return the columns of which a PDU of this design has one."""
    return (f"{root}.2.4.1.4", f"{root}.3.4.1.5")


class Enlogic(PduDevice):
    """An Enlogic PDU."""

    model: ClassVar[str] = "enlogic"
    source: ClassVar[str] = "ENLOGIC-PDU-MIB; the scale of power factors is found by watts over VA"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.38446",)
    proof: ClassVar[tuple[str, ...]] = proof(_ROOT)
    plate: ClassVar[Plate] = Plate("Enlogic", *((f"{_ROOT}.1.2.1.{n}",) for n in (10, 11, 13)))
    controls: ClassVar = controls(_ROOT)
    table: ClassVar[tuple[ColumnPoint, ...]] = table(_ROOT, Sensors(communication=4, state=5, value=6, precise=8))
