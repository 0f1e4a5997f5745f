"""Why a window decides nothing: a closed list of reason codes, and whose doing each is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

ReasonCode = Literal[
    "gap_too_long",
    "too_few_samples",
    "window_not_covered",
    "device_count_short",
    "overrange",
    "range_changed",
    "stale_telemetry",
    "duplicate_channel",
    "clock_offset",
    "negative_power",
    "calibration_expired",
    "uncertainty_above_limit",
    "no_value",
    "counter_reset",
    "not_observable",
]

Attributed = Literal["cause", "owner", "station", "instrument"]
"""`cause`: whoever made the device fall silent, as far as that is proven, the station where the device never failed.
`owner`: the instrument where the device is the station's, else the rack."""

ATTRIBUTED: Mapping[ReasonCode, Attributed] = MappingProxyType({
    "gap_too_long": "cause",
    "too_few_samples": "cause",
    "window_not_covered": "cause",
    "no_value": "cause",
    "counter_reset": "cause",
    "device_count_short": "station",  # the inventory names fewer than the generation has
    "overrange": "owner",
    "range_changed": "owner",
    "stale_telemetry": "owner",
    "negative_power": "owner",  # a transformer the wrong way round, or a register that wraps
    "duplicate_channel": "station",  # one channel wired or configured twice
    "clock_offset": "station",
    "calibration_expired": "instrument",
    "uncertainty_above_limit": "station",
    "not_observable": "instrument",
})  # fmt: skip
"""Whose doing an invalid window is, by its first reason code."""

MEANINGS: Mapping[ReasonCode, str] = MappingProxyType({
    "gap_too_long": "two samples are further apart than three sampling periods",
    "too_few_samples": "the window holds fewer than two samples",
    "window_not_covered": "samples begin later, or end earlier, than three sampling periods from the window's edge",
    "device_count_short": "the inventory names fewer devices of a role than the generation has",
    "overrange": "the instrument said that its input was over range",
    "range_changed": "the instrument changed its range within the window",
    "stale_telemetry": "the value did not change for longer than the plan allows",
    "duplicate_channel": "two channels that are to be added gave the same samples",
    "clock_offset": "the station's clock was stepped within the window",
    "negative_power": "a power that can only be drawn was negative beyond its error",
    "calibration_expired": "the instrument's calibration was past due",
    "uncertainty_above_limit": "the uncertainty is unknown, or larger than the limit decides with",
    "no_value": "the device said that it had no value",
    "counter_reset": "a counter or register went back",
    "not_observable": "the instrument is too slow to see what is asked",
})  # fmt: skip
"""What every code means, in words."""
