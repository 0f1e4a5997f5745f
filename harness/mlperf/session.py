"""How an inference measurement was taken: what the two ends of the session wrote down, held against each other.

Rules and tolerances are those of mlcommons/inference, submission_checker/checks/power/power_checker.py.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from harness.mlperf import mllog
from harness.mlperf.findings import Findings
from harness.mlperf.loadgen import Run
from harness.mlperf.mllog import Json, real

STAMP_TOLERANCE_S = 0.8
FILES = (
    "power/client.log", "power/ptd_logs.txt", "power/server.log",
    "ranging/mlperf_log_detail.txt", "ranging/mlperf_log_summary.txt", "ranging/spl.txt",
    "run_1/mlperf_log_detail.txt", "run_1/mlperf_log_summary.txt", "run_1/spl.txt",
)  # fmt: skip
"""The files whose SHA-1 the two ends wrote down."""

_FIELDS = ("version", "timezone", "modules", "sources", "messages", "uuid", "session_name", "results", "phases")
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Session:
    """Both ends' records, empty where one cannot be read, and where they lie."""

    folder: Path
    client: Json
    server: Json

    @property
    def client_path(self) -> Path:
        """Return where the client's record lies."""
        return self.folder / "power" / "client.json"

    @property
    def server_path(self) -> Path:
        """Return where the server's record lies."""
        return self.folder / "power" / "server.json"

    @property
    def name(self) -> str | None:
        """Return the session's name as the server has it."""
        found = self.server.get("session_name")
        return found if isinstance(found, str) else None


def read(folder: Path, findings: Findings) -> Session:
    """Read both records and note the fields that are missing."""
    records = []
    for end in ("client", "server"):
        path = folder / "power" / f"{end}.json"
        record = mllog.loaded(path, findings)
        if record is not None and (absent := [name for name in _FIELDS if name not in record]):
            findings.error("missing_field", path, f"has no {', '.join(absent)}")
        records.append(record or {})
    return Session(folder, *records)


def check(session: Session, ranging: Run, testing: Run, findings: Findings) -> None:
    """Hold the records against each other and against the files."""
    check_hashes(session, findings)
    if not session.client or not session.server:
        return
    _check_identity(session, findings)
    _check_messages(session, findings)
    for mode, run in (("ranging", ranging), ("testing", testing)):
        _check_phases(session, mode, run, findings)
    if session.server.get("debug", False) is not False:
        findings.error("debug", session.server_path, "the server ran in debug mode")


def check_sources(session: Session, known: list[Any] | None, findings: Findings) -> None:
    """Compare the hashes of the sources that ran with those `known`, a list as mlcommons' sources_checksums.json."""
    if known is None:
        findings.note("sources_not_checked", session.server_path, "no list of known sources was given")
        return
    for path, record in ((session.client_path, session.client), (session.server_path, session.server)):
        if record and record.get("sources") not in known:
            findings.error("sources", path, f"the sources that ran are none of the {len(known)} known ones")


def _check_identity(session: Session, findings: Findings) -> None:
    client, server = session.client, session.server
    for end in ("client", "server"):
        ids = [_uuid(record.get("uuid"), end) for record in (client, server)]
        if ids[0] is None or ids[0] != ids[1]:
            findings.error("uuid", session.server_path, f"{end}'s UUID is {ids[1]}, client.json has {ids[0]}")
    if client.get("session_name") != server.get("session_name"):
        text = f"session {server.get('session_name')!r}, client.json has {client.get('session_name')!r}"
        findings.error("session_name", session.server_path, text)
    if client.get("sources") != server.get("sources"):
        findings.error("sources", session.server_path, "client and server ran different sources: their hashes differ")


def _uuid(value: Any, end: str) -> UUID | None:
    try:
        return UUID(value[end])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _check_messages(session: Session, findings: Findings) -> None:
    client, server = (list(_messages(record)) for record in (session.client, session.server))
    where = session.server_path
    if len(client) != len(server) or not client:
        findings.error("messages", where, f"{len(server)} messages, client.json has {len(client)}")
        return
    for number, ((asked, answered), (heard, said)) in enumerate(zip(client, server, strict=True)):
        if asked != heard or (asked != "time" and answered != said):
            text = f"message {number}: heard {heard!r}, said {said!r}; client asked {asked!r}, heard {answered!r}"
            findings.error("messages", where, text)
            return
    versions = [re.search(r"power (?:client|server) v(\d+)$", text) for text in server[0]]
    if None in versions or len({found[1] for found in versions if found}) != 1:
        findings.error("messages", where, f"client and server do not greet with one version: {server[0]}")


def _messages(record: Json) -> Iterator[tuple[str, str]]:
    found = record.get("messages")
    for message in found if isinstance(found, list) else []:
        if isinstance(message, dict):
            yield str(message.get("cmd")), str(message.get("reply"))


def _stamps(record: Json, mode: str) -> list[float] | None:
    """Return the epoch times in s of a mode's phases, or None where they are not lists of numbers."""
    phases = record.get("phases")
    found = phases.get(mode) if isinstance(phases, dict) else None
    if not isinstance(found, list):
        return None
    stamps = [real(phase[0]) if isinstance(phase, list) and phase else None for phase in found]
    known = [stamp for stamp in stamps if stamp is not None]
    return known if len(known) == len(found) else None


def clock_shift_s(session: Session, end: str, mode: str, at_ns: int | None) -> float:
    """Return what has to be added, in s, to a local time of `end` for UTC: 0, or the zone that its record names.

    Since Inference 1.1 logs are in UTC whatever the record's zone says; before, in local time (submission_checker.py,
    has_power_utc_timestamps). Which it is shows where the moment falls among the stamps of the session's phases.
    """
    record = session.client if end == "client" else session.server
    stamps, zone = _stamps(record, mode), real(record.get("timezone"))
    if at_ns is None or not stamps or not zone:
        return 0.0
    fits = [shift for shift in (0.0, float(zone)) if min(stamps) - 60 <= at_ns / 1e9 + shift <= max(stamps) + 60]
    return fits[0] if fits else 0.0


def _check_phases(session: Session, mode: str, run: Run, findings: Findings) -> None:
    client, server = _stamps(session.client, mode), _stamps(session.server, mode)
    where = session.server_path
    if client is None or server is None or len(client) != len(server):
        findings.error("phases", where, f"{mode}: client and server do not have the same phases")
        return
    for number, (a, b) in enumerate(zip(client, server, strict=True), 1):
        if abs(a - b) > STAMP_TOLERANCE_S:
            text = f"{mode}: phase {number} is stamped {abs(a - b) * 1000:.0f} ms apart, 800 ms are allowed"
            findings.error("clock_offset", where, text)
    if len(client) >= 3:
        _check_within(run, client[1], client[2], mode, findings)


def _check_within(run: Run, start: float, stop: float, mode: str, findings: Findings) -> None:
    for key, ns in (("power_begin", run.begin_ns), ("power_end", run.end_ns)):
        if ns is None or start < ns / 1e9 < stop:
            continue
        at = ns / 1e9
        if start < at - _HOUR < stop:
            findings.note("clock_offset", run.path, f"{mode}: {key} fits only an hour earlier: daylight saving time")
        else:
            text = f"{mode}: {key} is {max(start - at, at - stop):.3f} s outside the time that the session gave the run"
            findings.error("window", run.path, text)


def check_hashes(session: Session, findings: Findings) -> None:
    """Compare the SHA-1 of each file with what both ends wrote down when they wrote it."""
    known: dict[str, str] = {}
    for path, record in ((session.client_path, session.client), (session.server_path, session.server)):
        results = record.get("results")
        for name, digest in (results if isinstance(results, dict) else {}).items():
            if name in FILES and known.setdefault(name, digest) != digest:
                findings.error("hash_mismatch", path, f"{name}: the two ends wrote down different hashes")
    for name in FILES:
        path = session.folder / name
        data = findings.read(path)
        if name not in known and known:
            findings.error("hash_missing", path, "neither end wrote down a hash of this file")
        elif data is not None and known and (found := hashlib.sha1(data).hexdigest()) != known[name]:  # noqa: S324
            text = f"SHA-1 {found}, written down was {known[name]}: the file was changed afterwards"
            findings.error("hash_mismatch", path, text)
