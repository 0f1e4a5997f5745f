"""Checkpoints: the station's signatures within a journal, over all that stands before them.

A chain alone proves only that lines fit together: whoever changes one can rebuild the rest. What is signed is a text
of six lines: its title, run, number of the run, hash of the ledger line that began it, `seq` and `prev` of the
checkpoint.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from harness.evidence import keys, ledger
from harness.evidence.keys import PublicKey, Signer
from harness.journal import Journal, files
from harness.records import Checkpoint

STATION = ".station"
"""Folder beside the runs: the station's key and its ledger."""
EVERY = 50
"""Ends of cases between two checkpoints: what a crash may leave unsigned."""


def message(run: str, number: int, ledger_line: str, seq: int, prev: str) -> bytes:
    """Return what a checkpoint signs."""
    return (
        f"rackproof checkpoint/1\nrun {run}\nnumber {number}\nledger {ledger_line}\nseq {seq}\nprev {prev}\n".encode()
    )


def signed_by(checkpoint: Checkpoint, run: str, seq: int, prev: str, key: PublicKey) -> bool:
    """Tell whether a checkpoint that stands at `seq`, after the line of hash `prev`, is signed by `key`."""
    text = message(run, checkpoint.number, checkpoint.ledger, seq, prev)
    return key.verifies(text, checkpoint.signature)


class Sealing:
    """Signs the journal of one run: at its beginning, every so many cases, and at its end."""

    def __init__(self, journal: Journal, run: Path, now: Callable[[], datetime]) -> None:
        """Number the run in the station's ledger. Raises DataError where key or ledger cannot be used."""
        self._journal, self._run, self._now = journal, run.name, now
        self._folder = run.parent / STATION
        self._signer: Signer = keys.station(self._folder)
        self._line = ledger.begin(self._folder, self._signer, first_line(run), now())
        self._cases = 0
        self.seal()

    def case_ended(self) -> None:
        """Sign after every so many cases."""
        self._cases += 1
        if self._cases % EVERY == 0:
            self.seal()

    def seal(self) -> None:
        """Sign all that stands in the journal. Raises JournalError."""
        self._journal.append_with(self._checkpoint)

    def end(self) -> None:
        """Sign the whole, and close the run in the ledger. Raises JournalError, DataError."""
        self.seal()
        ledger.end(self._folder, self._signer, self._line.number, self._journal.prev, self._now())

    def _checkpoint(self, seq: int, prev: str) -> Checkpoint:
        number, line = self._line.number, self._line.sha256
        signature = self._signer.sign(message(self._run, number, line, seq, prev))
        return Checkpoint(number=number, ledger=line, key=self._signer.public.fingerprint, signature=signature)


def first_line(run: Path) -> str:
    """Return the hash of the first line of the journal in a run folder. Raises JournalError."""
    with files(run)[0].open("rb") as file:
        return hashlib.sha256(file.readline()).hexdigest()
