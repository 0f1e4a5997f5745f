"""Run folders as a station leaves them, and bundles that somebody has tampered with."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.commands import rendering
from harness.evidence.checkpoints import Sealing
from harness.journal import Journal
from harness.records import (
    CaseEnd,
    CaseStart,
    DeviceSeen,
    Measurement,
    PlannedCase,
    PlanStated,
    Record,
    RunEnd,
    RunStart,
    SeriesRecorded,
    StateReached,
)
from harness.series import SeriesStore

BEGUN = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
PROFILE = """schema = 1
generation = "g"
revision = 1
[limits.idle_power]
unit = "W"
high = 100.0
source = "agreement 4.2"
"""
PLAN = 'schema = 1\nname = "p"\norder = ["*"]\n[durations]\nidle = { settle_s = 1, window_s = 2 }\n'
SAMPLES = [(int((BEGUN.timestamp() + n / 10) * 1e9), 90.0 + n / 10) for n in range(40)]
WINDOW = (BEGUN + timedelta(seconds=1), BEGUN + timedelta(seconds=3))


def run_folder(
    runs: Path, name: str = "20261123T140200Z-GA-1", *, sealed: bool = True, ends: bool = True, profile: str = PROFILE
) -> Path:
    """Write a whole run: a series, a measurement, a verdict, the reports."""
    folder = runs / name
    for each in ("series", "inputs", "reports", "attachments", "inbox"):
        (folder / each).mkdir(parents=True)
    (folder / "inputs" / "profile.toml").write_text(profile)
    (folder / "inputs" / "plan.toml").write_text(PLAN)
    (folder / "inputs" / "origin.json").write_text('{"rack": "/somewhere/on/this/machine"}')
    (folder / "attachments" / "log.txt").write_text("all is well\n")
    journal = Journal(folder / "journal.jsonl", now=lambda: BEGUN)
    journal.append(_start(name, profile))
    sealing = Sealing(journal, folder, lambda: BEGUN) if sealed else None
    for record in _records(folder, ends=ends):
        journal.append(record)
    if sealing and ends:
        sealing.end()
    journal.close()
    rendering.write_all(folder)
    return folder


def _start(name: str, profile: str) -> RunStart:
    return RunStart(
        run=name,
        serial="GA-1",
        generation="g",
        station="s",
        operator="o",
        plan="p",
        plan_sha256=_sha(PLAN),
        role="buyer",
        profile="g",
        profile_revision=1,
        profile_state="draft",
        profile_sha256=_sha(profile),
        software={"rackproof": "0.1.0"},
    )


def _records(folder: Path, *, ends: bool) -> list[Record]:
    device = DeviceSeen(
        name="feed", model="m", role="power_meter", owner="station", slot=None, address="visa://x", maker="Maker",
        device_model="M", serial="1", firmware="1", emulated=True, raw="EMULATED",
    )  # fmt: skip
    judged = Measurement(
        case="PWR-001", name="idle_power", value=92.0, unit="W", judged="pass", high=100.0, margin=8.0, rule="simple",
        limit_source="agreement 4.2", state="idle", begin=WINDOW[0], end=WINDOW[1], sources=("visa://x P?",),
    )  # fmt: skip
    planned = PlannedCase(case="PWR-001", number="PWR-001", group="power", claim="It idles.")
    return [
        device,
        PlanStated(cases=(planned,), left_out=()),
        CaseStart(case="PWR-001"),
        StateReached(state="idle", settle_s=1, begin=WINDOW[0], end=WINDOW[1]),
        _series(folder),
        judged,
        CaseEnd(case="PWR-001", status="complete", verdict="pass", seconds=1.0, devices=("feed",)),
        *([RunEnd(safe=True)] if ends else []),
    ]


def _series(folder: Path) -> SeriesRecorded:
    begin, end = (int(at.timestamp() * 1e9) for at in WINDOW)
    with SeriesStore(folder / "series") as store:
        store.write("idle", [("feed", "power", "W", "visa://x P?", at, value) for at, value in SAMPLES])
        (column,) = store.columns("idle", begin, end)
    return SeriesRecorded(
        state="idle", device="feed", point="power", unit="W", source="visa://x P?", count=len(column.values), missed=0,
        minimum=min(column.values), mean=sum(column.values) / len(column.values), maximum=max(column.values),
        sha256=column.sha256(),
    )  # fmt: skip


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def unpacked(bundle: Path) -> dict[str, bytes]:
    """Return the files of a bundle, in order."""
    with tarfile.open(bundle) as tar:
        return {m.name: file.read() for m in tar if (file := tar.extractfile(m))}


def packed(bundle: Path, files: Mapping[str, bytes]) -> Path:
    """Write a bundle with these files."""
    with tarfile.open(bundle, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return bundle


def tampered(bundle: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Change the files of a bundle in place, with the manifest as it was."""
    files = unpacked(bundle)
    change(files)
    return packed(bundle.with_name("tampered.tar"), files)
