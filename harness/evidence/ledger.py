"""The ledger of a station: its runs numbered, chained and signed, so that a run withheld or made up later shows.

One line a beginning or end: `number, prev, at, event, journal, key, signature`; `prev` is the SHA-256 of the line
before, `journal` that of the first line of the run's journal (beginning) or of its last (end). It names no rack, so
that lines may be handed to any customer.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from harness.datafile import DataError
from harness.evidence.keys import PublicKey, Signer

FILE = "ledger.jsonl"
FIRST = "0" * 64
_SIGNED = ("number", "prev", "at", "event", "journal", "key")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: number of the run, what happened, and the line as it stands."""

    number: int
    event: str
    journal: str
    prev: str
    text: bytes

    @property
    def sha256(self) -> str:
        """Return the hash that the next line carries."""
        return hashlib.sha256(self.text).hexdigest()


def begin(folder: Path, signer: Signer, journal: str, at: datetime) -> Line:
    """Give the run whose journal begins with the line of hash `journal` its number; the one it has, if it has one.

    Raises DataError where the ledger cannot be read or written.
    """
    with _locked(folder) as file:
        lines = _lines(file, folder / FILE)
        for line in lines:
            if line.event == "begin" and line.journal == journal:
                return line
        number = 1 + max((line.number for line in lines), default=0)
        return _append(file, lines, number, "begin", journal, signer, at)


def end(folder: Path, signer: Signer, number: int, journal: str, at: datetime) -> Line:
    """Write down that run `number` ended with the journal line of hash `journal`. Raises DataError."""
    with _locked(folder) as file:
        lines = _lines(file, folder / FILE)
        return _append(file, lines, number, "end", journal, signer, at)


@contextmanager
def _locked(folder: Path) -> Iterator[BinaryIO]:
    path = folder / FILE
    try:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise DataError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _append(
    file: BinaryIO, lines: list[Line], number: int, event: str, journal: str, signer: Signer, at: datetime
) -> Line:
    fields: dict[str, Any] = {
        "number": number,
        "prev": lines[-1].sha256 if lines else FIRST,
        "at": at.isoformat(),
        "event": event,
        "journal": journal,
        "key": signer.public.fingerprint,
    }
    fields["signature"] = signer.sign(_message(fields))
    text = json.dumps(fields, separators=(",", ":")).encode() + b"\n"
    file.write(text)
    file.flush()
    os.fsync(file.fileno())
    return Line(number, event, journal, fields["prev"], text)


def _message(fields: dict[str, Any]) -> bytes:
    said = "".join(f"{name} {fields[name]}\n" for name in _SIGNED)
    return f"rackproof ledger line/1\n{said}".encode()


def _lines(file: BinaryIO, path: Path) -> list[Line]:
    """Read what is there, and drop a line that a crash left without its end."""
    file.seek(0)
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) != len(content):
        file.truncate(len(whole))
    lines = [line_of(text) for text in whole.splitlines(keepends=True)]
    for before, line in zip([None, *lines], lines, strict=False):
        if line.prev != (before.sha256 if before else FIRST):
            raise DataError(f"{path}: run {line.number} does not chain to the line before: the ledger was changed")
    return lines


def line_of(text: bytes) -> Line:
    """Read one line. Raises DataError."""
    try:
        fields = json.loads(text)
        number, event, journal, prev = (fields[name] for name in ("number", "event", "journal", "prev"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"not a line of a ledger: {type(error).__name__}: {error}") from error
    if not isinstance(number, int) or not all(isinstance(each, str) for each in (event, journal, prev)):
        raise DataError("not a line of a ledger: a value of the wrong type")
    return Line(number, event, journal, prev, text)


def signed_by(line: Line, key: PublicKey) -> bool:
    """Tell whether a line carries the signature of `key`."""
    fields = json.loads(line.text)
    try:
        return key.verifies(_message(fields), str(fields["signature"]))
    except KeyError:
        return False
