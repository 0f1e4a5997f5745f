"""The run as OCP Test & Validation output v2.0: one JSON object a line, in the order in which things ended.

Format: opencomputeproject/ocp-diag-core, json_spec, version 2.0. Optional fields are left out rather than null, times
are UTC with Z, a validator has one value, so that strict readers take it as well. A case is a step, and so is a state
in which the rack was observed; what did not run is a step that was skipped.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from harness.columns import Column
from harness.records import Attribution, StateReached, WorkloadRan
from harness.run import Case, Outcome, Run, RunVerdict
from reports import sentences
from reports.ocp_measured import Payload, measurement

_ENDS: dict[Outcome, tuple[str, str]] = {
    "pass": ("COMPLETE", "PASS"),
    "fail": ("COMPLETE", "FAIL"),
    "error": ("ERROR", "UNKNOWN"),
    "interrupted": ("ERROR", "UNKNOWN"),
    "invalidated": ("ERROR", "UNKNOWN"),
    "skip": ("SKIP", "UNKNOWN"),
    "not_run": ("SKIP", "UNKNOWN"),
}
"""Status of the step and type of its diagnosis."""

_RUN_ENDS: dict[RunVerdict, tuple[str, str]] = {
    "ACCEPTED": ("COMPLETE", "PASS"),
    "REJECTED": ("COMPLETE", "FAIL"),
    "INCOMPLETE": ("ERROR", "NOT_APPLICABLE"),
    "REHEARSAL": ("SKIP", "NOT_APPLICABLE"),
}

Event = tuple[datetime, str, Payload]
"""When, "testRunArtifact" or "testStepArtifact", and what stands below it."""


def lines(run: Run, columns: Callable[[str], list[Column]]) -> Iterator[str]:
    """Yield the lines of the output, each with its line feed; `columns` gives the series of a state, one at a time."""
    yield _line(0, run.begun, {"schemaVersion": {"major": 2, "minor": 0}})
    for number, (at, kind, payload) in enumerate(_events(run, columns), 1):
        yield _line(number, at, {kind: payload})


def _line(number: int, at: datetime, body: Payload) -> str:
    fields = body | {"sequenceNumber": number, "timestamp": _stamp(at)}
    return json.dumps(fields, separators=(",", ":"), allow_nan=False) + "\n"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _events(run: Run, columns: Callable[[str], list[Column]]) -> Iterator[Event]:
    yield run.begun, "testRunArtifact", {"testRunStart": _start(run)}
    if run.emulated:
        yield run.begun, "testRunArtifact", _log("WARNING", sentences.EMULATED)
    for note in run.notes:
        yield run.begun, "testRunArtifact", _log("INFO", note)
    hardware = set(run.seen) | set(run.missing)
    for state in run.states:
        yield from _observed(run, state, columns, hardware)
    for case in run.cases.values():
        yield from _case(run, case, hardware)
    for left in run.left_out.values():
        said = _log("INFO", sentences.why_left_out(left))
        yield from _step(left.case, run.last, run.last, [(run.last, said)], "SKIP")
    for point in run.open_points():
        yield run.last, "testRunArtifact", _log("WARNING", point)
    status, result = _RUN_ENDS[run.verdict]
    yield run.last, "testRunArtifact", {"testRunEnd": {"status": status, "result": result}}


def _start(run: Run) -> Payload:
    start = run.start
    version = start.software.get("rackproof", "unknown")
    parameters = start.model_dump(mode="json", exclude={"kind", "software"})
    return {
        "name": start.plan,
        "version": version,
        "commandLine": f"rackproof run {start.plan}",
        "parameters": parameters,
        "dutInfo": _dut(run),
        "metadata": {"software": start.software, "emulated": run.emulated, "verdict": run.verdict},
    }


def _dut(run: Run) -> Payload:
    """Return the rack and, because measurements name them, the station's instruments, each marked as whose it is."""
    seen = [
        {
            "hardwareInfoId": device.name,
            "name": device.name,
            "serialNumber": device.serial,
            "manufacturer": device.maker,
            "manufacturerPartNumber": device.device_model,
            "partType": f"{device.owner}'s {device.role}",
            **({"location": device.slot} if device.slot else {}),
        }
        for device in run.seen.values()
    ]
    missing = [
        {"hardwareInfoId": name, "name": name, "partType": f"{device.owner}'s {device.role}, did not answer"}
        for name, device in run.missing.items()
        if name not in run.seen
    ]
    firmware = [
        {"softwareInfoId": f"{d.name} firmware", "name": d.name, "version": d.firmware, "softwareType": "FIRMWARE"}
        for d in run.seen.values()
    ]
    return {
        "dutInfoId": run.start.serial,
        "name": f"rack {run.start.serial}",
        "platformInfos": [{"info": run.start.generation}],
        "hardwareInfos": seen + missing,
        "softwareInfos": firmware,
    }


def _log(severity: str, message: str) -> Payload:
    return {"log": {"severity": severity, "message": message}}


def _step(
    name: str, begin: datetime, end: datetime, payloads: Iterator[tuple[datetime, Payload]] | list[Any], status: str
) -> Iterator[Event]:
    about = {"testStepId": name}
    yield begin, "testStepArtifact", about | {"testStepStart": {"name": name}}
    for at, payload in payloads:
        yield at, "testStepArtifact", about | payload
    yield end, "testStepArtifact", about | {"testStepEnd": {"status": status}}


def _case(run: Run, case: Case, hardware: set[str]) -> Iterator[Event]:
    end = case.ended or run.last
    begin = end - timedelta(seconds=case.seconds or 0.0)
    yield from _step(case.planned.case, begin, end, _findings(case, end, hardware), _ENDS[case.outcome][0])


def _findings(case: Case, end: datetime, hardware: set[str]) -> Iterator[tuple[datetime, Payload]]:
    yield end, _log("INFO", case.planned.claim)
    device = case.planned.device if case.planned.device in hardware else None
    for m in case.measurements:
        if m.value is not None:
            named = _device_of(m.where, hardware) or device
            yield m.end or end, {"measurement": measurement(m, named)}
        else:
            yield end, {"error": {"symptom": "no-value", "message": f"{m.name}: {m.reason or 'no value'}"}}
    for note in case.notes:
        yield end, _log("INFO", note)
    if case.outcome in ("error", "interrupted"):
        yield end, {"error": {"symptom": _symptom(case.attribution), "message": case.message or case.outcome}}
    yield end, {"diagnosis": _diagnosis(case, device)}


def _device_of(where: str | None, hardware: set[str]) -> str | None:
    return next((word for word in (where or "").split() if word in hardware), None)


def _symptom(attribution: Attribution | None) -> str:
    return f"{attribution or 'not-attributed'}-error"


def _diagnosis(case: Case, device: str | None) -> Payload:
    kind = _ENDS[case.outcome][1]
    said = sentences.reasons(case) if case.outcome == "fail" else [case.message]
    payload: Payload = {"verdict": f"{case.planned.number}-{case.outcome}", "type": kind}
    if any(said):
        payload["message"] = "\n".join(said)
    if device is not None:
        payload["hardwareInfoId"] = device
    return payload


def _observed(
    run: Run, state: StateReached, columns: Callable[[str], list[Column]], hardware: set[str]
) -> Iterator[Event]:
    """Yield a state as a step: what the workloads came to, and every series."""
    name = f"state {state.state} {_stamp(state.begin)}"

    def payloads() -> Iterator[tuple[datetime, Payload]]:
        for ran in run.workloads:
            if ran.state == state.state:
                yield from ((state.end, payload) for payload in _workload(ran, hardware))
        for number, column in enumerate(columns(state.state)):
            yield from _series(f"{name} {number}", column, state, hardware)

    yield from _step(name, state.begin, state.end, payloads(), "COMPLETE")


def _workload(ran: WorkloadRan, hardware: set[str]) -> Iterator[Payload]:
    about = {"hardwareInfoId": ran.device} if ran.device in hardware else {}
    for part, value in ran.values.items():
        yield {"measurement": {"name": f"{ran.workload} {part}", "value": value, "unit": ran.unit, **about}}
    verdict = f"{ran.workload}-{'verified' if ran.verified else 'not-verified'}"
    # whether that fails the rack is a case's to say: a workload that did not verify decides nothing by itself
    found = {"verdict": verdict, "type": "PASS" if ran.verified else "UNKNOWN", "message": ran.reason or ran.command}
    yield {"diagnosis": found | about}
    if ran.attachment:
        uri = f"attachments/{quote(ran.attachment)}"  # relative to the run folder, as in a bundle
        yield {"file": {"displayName": f"{ran.device} {ran.workload}", "uri": uri, "isSnapshot": True}}


def _series(name: str, column: Column, state: StateReached, hardware: set[str]) -> Iterator[tuple[datetime, Payload]]:
    about = {"measurementSeriesId": name}
    start: Payload = about | {"name": f"{column.device} {column.point}", "metadata": {"source": column.source}}
    if column.unit is not None:
        start["unit"] = column.unit
    if column.device in hardware:
        start["hardwareInfoId"] = column.device
    yield state.begin, {"measurementSeriesStart": start}
    for index, (at_ns, value) in enumerate(zip(column.times, column.values, strict=True)):
        at = datetime.fromtimestamp(at_ns / 1e9, UTC)
        element = about | {"index": index, "value": value, "timestamp": _stamp(at)}
        yield at, {"measurementSeriesElement": element}
    yield state.end, {"measurementSeriesEnd": about | {"totalCount": len(column.times)}}
