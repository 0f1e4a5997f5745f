"""What a run rests on: devices as they identified themselves, states, software, rules, and what was left out."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from harness import wording
from harness.figures import clean, clock, day_and_time, duration
from harness.reasons import MEANINGS, ReasonCode
from harness.records import DeviceMissing, DeviceSeen
from harness.run import Run
from reports import sentences
from reports.markup import block, esc, facts, folded, table


def devices(run: Run) -> str:
    """Return the devices that did not answer, with the error, and those that did, as they identified themselves."""
    return _missing(list(run.missing.values())) + _seen(list(run.seen.values()), run.begun.date())


def _missing(missing: list[DeviceMissing]) -> str:
    rows = [
        (
            esc(d.name),
            f"{esc(d.role)}, {esc(d.owner)}'s",
            esc(d.model),
            esc(d.slot or ""),
            f"<code>{esc(d.address)}</code>",
            block(d.error),
            esc(f"{wording.whose(d.attribution)}: {d.proof}"),
        )
        for d in missing
    ]
    heads = ("Device", "Role", "Model", "Slot", "Address", "Error", "Attributed to")
    return table("Missing", heads, rows, ("", "", "", "", "w", "w", "w")) if rows else ""


def _calibration(d: DeviceSeen, day: date) -> str:
    """Say certificate, laboratory and dates, and whether it was past due on `day`."""
    known = d.calibration
    if known is None:
        return "none on record" if d.owner == "station" else ""
    late = "PAST DUE: " if known.due < day else ""
    drift = "" if known.drift_per_year is None else f"; drift up to {known.drift_per_year:.3g} of reading a year"
    return f"{late}{known.certificate}, {known.laboratory}, {known.calibrated}, due {known.due}{drift}"


def _seen(seen: list[DeviceSeen], day: date) -> str:
    rows = [
        (
            esc(d.name),
            f"{esc(d.role)}, {esc(d.owner)}'s",
            esc(d.slot or ""),
            esc(f"{d.maker} {d.device_model}"),
            esc(d.serial),
            esc(d.firmware),
            esc(_calibration(d, day)),
            "yes" if d.emulated else "no",
            f"<code>{esc(d.address)}</code>",
            f"<code>{esc(d.raw)}</code>",
        )
        for d in seen
    ]
    heads = (
        "Device",
        "Role",
        "Slot",
        "Maker and model",
        "Serial",
        "Firmware",
        "Calibration",
        "Emulated",
        "Address",
        "As it said",
    )
    kinds = ("", "", "", "w", "", "", "w", "", "w", "w")
    return table("As they identified themselves", heads, rows, kinds) if rows else "<p>No device answered.</p>"


def left_out(run: Run) -> str:
    """Return every case that was not planned, and why, a row for each number and reason."""
    points = [sentences.Open(sentences.why_left_out(u), (clean(u.case),)) for u in run.left_out.values()]
    return grouped("Cases that were not to run", sentences.grouped(points)) if points else ""


def grouped(label: str, points: Iterable[sentences.Open], numbers: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a row for each number and reason, linked where `numbers` has its place; devices behind their count."""
    rows = [(_title(point, numbers), devices_of(point), esc(point.what)) for point in points]
    return table(label, ("Case", "Devices", "Why"), rows, ("k", "w", "w"))


def _title(point: sentences.Open, numbers: Mapping[str, str]) -> str:
    name = esc(point.title or "The run")
    return f"<a href=#{numbers[point.title]}>{name}</a>" if point.title in numbers else name


def devices_of(point: sentences.Open) -> str:
    """Return the devices of a point as markup: one by name, more behind their count."""
    if len(point.cases) <= 1:
        return esc(point.where)
    return folded(esc(point.where), esc(", ".join(sentences.devices_of(point.cases))))


def workloads(run: Run) -> str:
    """Return what the workloads came to."""
    rows = [
        (
            esc(w.workload),
            esc(w.device),
            esc(wording.state(w.state)),
            esc(", ".join(f"{name} {value:.5g} {w.unit}" for name, value in w.values.items())),
            "verified" if w.verified else esc(f"not verified: {w.reason or 'no reason given'}"),
            f"<code>{esc(w.command)}</code>",
            esc(w.attachment),
        )
        for w in run.workloads
    ]
    heads = ("Workload", "Device", "State", "Result", "Verified", "Command", "Output")
    return table("Workloads", heads, rows, ("", "", "", "", "w", "w", "w")) if rows else ""


def states(run: Run) -> str:
    """Return the states with their windows, and the series with their hashes."""
    rows = [
        (
            esc(wording.state(s.state)),
            day_and_time(s.begin),
            clock(s.end),
            duration((s.end - s.begin).total_seconds()),
            duration(s.settle_s),
        )
        for s in run.states
    ]
    heads = ("State", "Begin, UTC", "End, UTC", "Length", "Settled for")
    said = table("States that the rack was observed in", heads, rows, ("", "n", "n", "n", "n")) if rows else ""
    return said + _ranges(run) + _sampled(run) + _series(run)


def _ranges(run: Run) -> str:
    """Return the ranges of the meters: as found, fixed for what was measured, and as they were left."""
    rows = [
        (
            esc(r.device),
            esc(r.step.replace("_", " ")),
            "follows the signal" if r.voltage_auto else f"{r.voltage_range:g}",
            "follows the signal" if r.current_auto else f"{r.current_range:g}",
            block(r.reason) if r.reason else "",
        )
        for r in run.ranges
    ]
    heads = ("Meter", "Ranges", "Voltage, V", "Current, A", "Why not")
    return table("Ranges of the meters, at their terminals", heads, rows, ("", "", "n", "n", "w")) if rows else ""


def _sampled(run: Run) -> str:
    """Return how the deadlines of every device were met: lateness, what was missed, what was too quick to be new."""
    rows = [
        (
            esc(s.device),
            esc(wording.state(s.state)),
            f"{s.period_s:.3g}",
            "" if s.refresh_s is None else f"{s.refresh_s:.3g} {esc(s.refresh_from or '')}",
            str(s.deadlines),
            str(s.missed_deadlines),
            str(s.failed),
            *(f"{1e3 * late:.3g}" for late in (s.late_median_s, s.late_p99_s, s.late_worst_s, s.slowest_s)),
        )
        for s in run.sampled
    ]
    heads = ("Device", "State", "Period, s", "New every, s", "Deadlines", "Missed", "Failed", "Late, median, ms",
             "99 %, ms", "Worst, ms", "Longest exchange, ms")  # fmt: skip
    kinds = ("", "", "n", "n", "n", "n", "n", "n", "n", "n", "n")
    return folded(f"Deadlines of {len(rows)} windows", table("Sampling", heads, rows, kinds)) if rows else ""


def _series(run: Run) -> str:
    rows = [
        (
            esc(f"{s.device} {s.point}"),
            esc(wording.state(s.state)),
            str(s.count),
            str(s.missed),
            str(s.gaps),
            "" if s.largest_gap_s is None else f"{s.largest_gap_s:.3g}",
            str(s.repeated),
            *("" if v is None else f"{v:.6g}" for v in (s.minimum, s.mean, s.maximum)),
            esc(s.unit or ""),
            esc(", ".join(s.codes)) or "valid",
            f"<code>{esc(s.sha256[:16])}</code>",
        )
        for s in run.series
    ]
    heads = ("Series", "State", "Samples", "Missed", "Gaps", "Longest, s", "Repeated", "Least", "Mean", "Greatest",
             "Unit", "Window", "SHA-256, first 16")  # fmt: skip
    kinds = ("", "", "n", "n", "n", "n", "n", "n", "n", "n", "", "", "")
    said = table("Series", heads, rows, kinds) + _meanings({code for s in run.series for code in s.codes})
    return folded(f"{len(rows)} series", said) if rows else ""


def _meanings(codes: set[ReasonCode]) -> str:
    items = "".join(f"<li>{esc(code)}: {esc(MEANINGS[code])}</li>" for code in sorted(codes))
    return f"<ul>{items}</ul>" if items else ""


def notes(run: Run) -> str:
    """Return what was worth noting about the run as a whole."""
    items = "".join(f"<li>{esc(note)}</li>" for note in run.notes)
    return f"<ul>{items}</ul>" if items else ""


def rules(run: Run) -> str:
    """Return the rule of the verdict and the rules that judged the measurements."""
    used = [rule for rule in sentences.RULES if any(m.rule == rule for m in run.measurements)]
    items = "".join(f"<li>{esc(sentences.RULES[rule])}</li>" for rule in used)
    made_up = "<p>Limits with the source “illustrative” were made up; they cannot accept a real rack.</p>"
    return (
        f"<p>{esc(sentences.VERDICT_RULE)}</p>"
        "<p>U = k·u is the expanded uncertainty for about 95 %: k = 2, or more where few samples scatter. A limit that "
        "is drawn in by w = r·U passes only what lies inside by at least w. A value that is missing is not decided, "
        "never passed.</p>"
        f"{f'<ul>{items}</ul>' if items else ''}{made_up if sentences.illustrative(run) else ''}"
    )


def facts_of(run: Run) -> str:
    """Return plan, profile, software and journal facts, with hashes."""
    start = run.start
    plan = f"{esc(start.plan)}, role {esc(start.role)}<br><code>SHA-256 {esc(start.plan_sha256)}</code>"
    revision = f"{esc(start.profile)} revision {start.profile_revision}, {start.profile_state}"
    pairs = [
        ("Run", esc(start.run)),
        ("Rack", esc(f"{start.serial}, generation {start.generation}")),
        ("Station", esc(f"{start.station}, {sentences.operator(run)}")),
        ("Plan", plan),
        ("Profile", f"{revision}<br><code>SHA-256 {esc(start.profile_sha256)}</code>"),
        ("Software", esc(_versions(start.software))),
        ("Hardware", sentences.banner(run) or "No device said that it is emulated."),
        ("Journal", _journal(run)),
        *((f"Part {r.part}", esc(f"{r.torn_bytes} torn bytes; {_versions(r.software)}")) for r in run.resumed),
    ]
    return facts(pairs)


def _versions(software: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in software.items())


def _journal(run: Run) -> str:
    span = f"{day_and_time(run.begun)} to {day_and_time(run.last)} UTC, schema {run.start.schema_version}"
    resumed = f"resumed {len(run.resumed)} times" if run.resumed else "written in one go"
    if run.end is None:
        return esc(f"{span}, {resumed}; it does not end")
    safe = "left in its safe state" if run.end.safe else "NOT left in its safe state"
    return esc(f"{span}, {resumed}; the rack was {safe}{f': {run.end.message}' if run.end.message else ''}")
