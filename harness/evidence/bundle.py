"""A bundle: one file with everything about a run, and a signed manifest of it.

It is a tar file, not compressed: nothing in it can be larger than it looks, every file can be hashed where it lies, and
any tar takes it apart. First comes `manifest.dsse.json`, then `ledger.jsonl` with this run's lines of the station's
ledger, `station.pem` with the public key, and the run folder. Times and owners are zero, files in order of name:
the same run folder gives the same bytes.
"""

import hashlib
import io
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.datafile import DataError
from harness.evidence import dsse, ledger
from harness.evidence.checkpoints import first_line
from harness.evidence.keys import Signer
from harness.evidence.manifest import PAYLOAD_TYPE, Manifest
from harness.journal import Reader
from harness.run import Run, fold

MANIFEST, LEDGER, KEY = "manifest.dsse.json", "ledger.jsonl", "station.pem"
SUFFIX = ".rackproof.tar"
_LEFT_OUT = ("inbox", "origin.json")
"""What a run folder holds for the station alone: pending answers, and where on this machine the inventory lay."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    path: Path

    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def write(run: Path, output: Path, signer: Signer, station: Path) -> Manifest:
    """Write the bundle of the run folder `run`, whole or not at all. Raises JournalError, DataError, OSError."""
    folded = fold(Reader(run).entries())
    partly = output.with_name(f".{output.name}.partly")
    try:
        with TemporaryDirectory() as kept:
            manifest = _write(run, folded, partly, signer, _Extras(Path(kept), station))
        partly.replace(output)
    finally:
        partly.unlink(missing_ok=True)
    return manifest


@dataclass(frozen=True, slots=True)
class _Extras:
    kept: Path
    station: Path


def _write(run: Path, folded: Run, path: Path, signer: Signer, extras: _Extras) -> Manifest:
    members = sorted([*_members(run, extras.kept), *_added(run, signer, extras)], key=lambda m: m.name)
    manifest = Manifest({member.name: member.sha256() for member in members}, _about(folded, signer))
    envelope = dsse.seal(PAYLOAD_TYPE, manifest.to_json(), signer)
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_info(MANIFEST, len(envelope)), io.BytesIO(envelope))
        for member in members:
            with member.path.open("rb") as file:
                tar.addfile(_info(member.name, member.path.stat().st_size), file)
    return manifest


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info


def _members(run: Path, kept: Path) -> Iterator[_Member]:
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run).as_posix()
        if not path.is_file() or path.is_symlink() or any(part in _LEFT_OUT for part in path.relative_to(run).parts):
            continue
        if path.name.endswith((".partly", "-wal", "-shm")):
            continue
        yield _Member(f"run/{name}", _quiet(path, kept) if path.suffix == ".sqlite" else path)


def _quiet(path: Path, kept: Path) -> Path:
    """Return a copy of a database with whatever still stands in its write-ahead log."""
    copy = kept / path.name
    source, target = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(copy)
    try:
        source.backup(target)
        target.execute("pragma journal_mode = delete")
    finally:
        source.close()
        target.close()
    return copy


def _added(run: Path, signer: Signer, extras: _Extras) -> Iterator[_Member]:
    key, lines = extras.kept / KEY, extras.kept / LEDGER
    key.write_bytes(signer.public_pem())
    lines.write_bytes(b"".join(line.text for line in _of_run(extras.station / ledger.FILE, first_line(run))))
    yield _Member(KEY, key)
    yield _Member(LEDGER, lines)


def _of_run(path: Path, journal: str) -> list[ledger.Line]:
    """Return the lines of the ledger that tell of the run whose journal begins with the line of hash `journal`."""
    if not path.is_file():
        return []
    try:
        lines = [ledger.line_of(text) for text in path.read_bytes().splitlines(keepends=True) if text.endswith(b"\n")]
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    numbers = {line.number for line in lines if line.event == "begin" and line.journal == journal}
    return [line for line in lines if line.number in numbers]


def _about(run: Run, signer: Signer) -> dict[str, Any]:
    start = run.start
    return {
        "run": start.run,
        "serial": start.serial,
        "generation": start.generation,
        "station": start.station,
        "plan": start.plan,
        "verdict": run.verdict,
        "emulated": run.emulated,
        "begun": run.begun.isoformat(),
        "last": run.last.isoformat(),
        "number": run.checkpoints[-1].number if run.checkpoints else None,
        "key": signer.public.fingerprint,
        "software": start.software,
    }
