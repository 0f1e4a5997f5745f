"""The calibration register: which instrument was calibrated when, by whom, until when, and how far it may drift. Data.

A decision rests on instruments whose calibration is valid on that day (UTC). What the register says is past due, and a
station's instrument that it does not hold, decide nothing: whose fault that is, is never the rack's.
"""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from harness import datafile
from harness.datafile import Data

DAYS_A_YEAR = 365.25
Text = Annotated[str, Field(min_length=1)]


class Instrument(Data):
    """One instrument, by the serial that it answers with. It may be used from `calibrated` to `due`, both included.

    `drift_per_year` is the share of the reading by which it may drift in a year beyond the limits of error that its
    maker states, with `drift_source`: leave it out where those already hold until the next calibration.
    """

    serial: Text
    certificate: Text
    laboratory: Text
    calibrated: date
    due: date
    drift_per_year: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    drift_source: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.due < self.calibrated:
            raise ValueError(f"due {self.due} is before calibrated {self.calibrated}")
        if self.drift_per_year is not None and not self.drift_source:
            raise ValueError("drift_per_year needs a drift_source: certificate, manual or history")
        return self

    def doubt(self, day: date) -> str | None:
        """Say why this instrument decides nothing on `day`; None where it may.

        >>> done, due = date(2025, 1, 1), date(2026, 1, 1)
        >>> meter = Instrument(serial="C1", certificate="K-7", laboratory="L", calibrated=done, due=due)
        >>> meter.doubt(date(2026, 1, 1)), meter.doubt(date(2026, 1, 2))
        (None, 'calibration expired: due 2026-01-01 (certificate K-7)')
        """
        if day > self.due:
            return f"calibration expired: due {self.due} (certificate {self.certificate})"
        if day < self.calibrated:
            return f"calibration not yet done: dated {self.calibrated} (certificate {self.certificate})"
        return None

    def drift(self, day: date) -> float:
        """Return the share of the reading by which the instrument may have drifted from its calibration to `day`."""
        years = max(0, (day - self.calibrated).days) / DAYS_A_YEAR
        return 0.0 if self.drift_per_year is None else self.drift_per_year * years


class Register(Data):
    """The instruments of a station."""

    schema_: Literal[1] = Field(alias="schema")
    instrument: tuple[Instrument, ...] = ()

    @field_validator("instrument")
    @classmethod
    def _once(cls, value: tuple[Instrument, ...]) -> tuple[Instrument, ...]:
        for serial, count in Counter(one.serial for one in value).items():
            if count > 1:
                raise ValueError(f"serial {serial!r} stands there {count} times; keep the calibration in force alone")
        return value

    def of(self, serial: str) -> Instrument | None:
        """Return the instrument with this serial, None where the register does not hold it."""
        return next((one for one in self.instrument if one.serial == serial), None)


def load(path: Path) -> Register:
    """Read a register file. Raises DataError."""
    return datafile.load(path, Register)
