"""A window of a power log in figures: samples used, mean power, energy by each rule, largest gap, validity."""

from dataclasses import asdict, dataclass, field
from typing import Any

from harness import shapes
from harness.energy import moments, shape
from harness.energy.integration import RULES, energy, rule_named, wh
from harness.energy.plateaus import Plateau, PlateauRule, plateaus
from harness.energy.power_log import LogError, PowerLog
from harness.energy.shape import NotObservable
from harness.energy.trace import Window
from harness.energy.validity import Policy, Reason, Validity, examine

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a log: window edges as text (None: the file's own), the kind of window, the rule, the policy."""

    begin: str | None = None
    end: str | None = None
    kind: str = "inclusive"
    rule: str = "trapezoid"
    policy: Policy = field(default_factory=Policy)


def window_of(log: PowerLog, asked: Asked) -> Window:
    """Return the window that is asked for. Raises LogError where an edge is not a time."""
    times = log.trace.times_ns
    first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    return Window(_edge(log, asked.begin, first), _edge(log, asked.end, last), asked.kind)


def _edge(log: PowerLog, text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    absolute = log.absolute or len(log.trace) == 0
    try:
        return moments.of_anything(text, log.utc_offset, log.seconds_per_unit, absolute=absolute)
    except ValueError as error:
        raise LogError(str(error)) from None


def validity_of(log: PowerLog, window: Window, asked: Asked) -> Validity:
    """Examine the window with what was wrong with lines in it."""
    known = log.known(window, to_the_end=asked.end is None, from_the_start=asked.begin is None)
    return examine(log.trace, window, asked.policy, known)


def summarise(log: PowerLog, asked: Asked) -> Json:
    """Return all figures with their units, null where there is none; reasons say why. Raises LogError, ValueError."""
    rule = rule_named(asked.rule)
    window = window_of(log, asked)
    validity = validity_of(log, window, asked)
    ordered = "time_backwards" not in {reason.code for reason in validity.reasons}
    used = window.used(log.trace)
    return {
        "column": log.column,
        "rule": rule,
        "window": _window(log, window),
        "samples": {"in_file": len(log.trace), "used": used.stop - used.start if ordered else None, "unit": "1"},
        **_figures(log, window, rule, validity),
        "largest_gap": {"value": validity.largest_gap_s, "unit": "s"},
        "median_interval": {"value": validity.median_interval_s, "unit": "s"},
        "valid": validity.valid,
        "reasons": list(map(_reason, validity.reasons)),
        "warnings": list(map(_reason, validity.warnings)),
    }


def _reason(reason: Reason) -> Json:
    return {"code": reason.code, "text": reason.text}


def _window(log: PowerLog, window: Window) -> Json:
    return {
        "begin": moments.shown(window.begin_ns, absolute=log.absolute),
        "end": moments.shown(window.end_ns, absolute=log.absolute),
        "kind": window.kind,
        "length": {"value": window.seconds, "unit": "s"},
        "utc_offset_s": log.utc_offset.total_seconds(),
    }


def _figures(log: PowerLog, window: Window, rule: str, validity: Validity) -> Json:
    if not validity.countable:
        nothing: Json = {"J": None, "Wh": None}
        return {
            "mean_power": {"value": None, "unit": "W", "rule": _MEAN},
            "energy": {"value": None, "unit": "J", "rule": rule, "u_sampling": None},
            "energy_by_rule": dict.fromkeys(RULES, nothing),
            "mean_power_by_rule": {name: {"value": None, "unit": "W"} for name in RULES},
            "percentiles": None,
        }
    joules = {name: energy(log.trace, window, name) for name in RULES}
    return {
        "mean_power": {"value": shape.arithmetic_mean(log.trace, window), "unit": "W", "rule": _MEAN},
        "energy": {
            "value": joules[rule],
            "unit": "J",
            "rule": rule,
            "u_sampling": window.seconds * shapes.sampling_u(log.trace.power_w[window.used(log.trace)]),
        },
        "energy_by_rule": {name: {"J": j, "Wh": wh(j)} for name, j in joules.items()},
        "mean_power_by_rule": {name: {"value": j / window.seconds, "unit": "W"} for name, j in joules.items()},
        "percentiles": {**_percentiles(log, window), "unit": "W", "rule": shape.PERCENTILE},
    }


_MEAN = "arithmetic mean of the samples used"


def _percentiles(log: PowerLog, window: Window) -> Json:
    return {f"p{percent:g}": value for percent, value in shape.percentiles(log.trace, window).items()}


PEAKS_S = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0)
"""Windows, s, over which peaks are looked for."""


def shape_of(log: PowerLog, asked: Asked, rule: PlateauRule) -> Json | None:
    """Return peaks, ramp and plateaus of the window, or why they cannot be seen; None where there are no figures."""
    window = window_of(log, asked)
    if not validity_of(log, window, asked).countable:
        return None
    part = shape.cut(log.trace, window)
    return {
        "peaks": [_peak(log, seconds, shape.peak(part, seconds)) for seconds in PEAKS_S],
        "ramp": _ramp(shape.ramp(part)),
        "plateaus": [_plateau(log, plateau) for plateau in plateaus(part, rule)],
        "plateau_rule": asdict(rule),
    }


def _unseen(found: NotObservable) -> Json:
    return {"value": None, "reason": f"not observable: {found.reason}"}


def _peak(log: PowerLog, seconds: float, found: shape.Peak | NotObservable) -> Json:
    over = {"over": {"value": seconds, "unit": "s"}, "unit": "W"}
    if isinstance(found, NotObservable):
        return {**over, **_unseen(found)}
    return {**over, "value": found.power_w, "begin": moments.shown(found.begin_ns, absolute=log.absolute)}


def _ramp(found: shape.Ramp | NotObservable) -> Json:
    if isinstance(found, NotObservable):
        return {"unit": "W/s", **_unseen(found)}
    return {"rise": found.rise_w_per_s, "fall": found.fall_w_per_s, "unit": "W/s", "over_s": found.seconds}


def _plateau(log: PowerLog, plateau: Plateau) -> Json:
    return {
        "begin": moments.shown(plateau.begin_ns, absolute=log.absolute),
        "length": {"value": plateau.lasts_s, "unit": "s"},
        "mean_power": {"value": plateau.mean_w, "unit": "W"},
        "samples": plateau.samples,
    }
