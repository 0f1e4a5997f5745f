"""Verify a bundle: what holds, what does not, and what could not be checked."""

from collections.abc import Iterator
from pathlib import Path

from harness.evidence import checks, dsse
from harness.evidence.bundle import KEY, LEDGER, MANIFEST
from harness.evidence.checks import Finding
from harness.evidence.keys import PublicKey
from harness.evidence.manifest import PAYLOAD_TYPE
from harness.evidence.opening import Opened, open_bundle
from harness.journal import JournalError
from harness.run import Run, fold

UNPACKED = ("run/journal", "run/inputs/", "run/series/", "run/reports/", LEDGER, KEY)
"""What the checks read; everything else is hashed where it lies."""


def verify(bundle: Path, key: PublicKey | None, folder: Path) -> tuple[list[Finding], Run | None]:
    """Check a bundle, working in the empty `folder`. Returns the findings and the run, None where it cannot be read.

    Raises NotABundle for a file that is none.
    """
    opened = open_bundle(bundle, folder, UNPACKED)
    findings = [_signature(opened, key), _files(opened)]
    try:
        places = checks.places(folder / "run")
        run = fold(place.entry for place in places)
    except (JournalError, ValueError, KeyError) as error:
        return [*findings, Finding("journal", holds=False, detail=str(error))], None
    findings.append(Finding("journal", holds=True, detail=f"{len(places)} records, each chained to the one before"))
    return findings + list(_about(folder, opened, places, run, key)), run


def _about(
    folder: Path, opened: Opened, places: list[checks.Place], run: Run, key: PublicKey | None
) -> Iterator[Finding]:
    yield checks.signatures(places, run, key)
    yield checks.in_ledger(folder / LEDGER, folder / "run", run, key)
    yield checks.inputs(folder / "run", run)
    yield checks.statistics(folder / "run", run)
    yield checks.decisions(folder / "run", run)
    yield checks.verdict(run, opened.manifest.about.get("verdict"))


def _signature(opened: Opened, key: PublicKey | None) -> Finding:
    if key is None:
        return Finding("signature", holds=None, detail="not checked: name the station's public key with --key")
    if not opened.signatures:
        return Finding("signature", holds=False, detail="the manifest is not signed")
    if dsse.signed_by(key, PAYLOAD_TYPE, opened.payload, opened.signatures):
        return Finding("signature", holds=True, detail=f"by the key {key.fingerprint[:16]}…")
    ids = ", ".join(f"{keyid[:16]}…" for keyid, _ in opened.signatures)
    return Finding("signature", holds=False, detail=f"not by the key {key.fingerprint[:16]}…, but by {ids}")


def _files(opened: Opened) -> Finding:
    told, found = opened.manifest.files, opened.found
    problems = [f"{name} was changed" for name in sorted(told.keys() & found.keys()) if told[name] != found[name]]
    problems += [f"{name} is missing" for name in sorted(told.keys() - found.keys())]
    problems += [f"{name} is not in the manifest" for name in sorted(found.keys() - told.keys() - {MANIFEST})]
    problems += [f"{name} is there twice" for name in opened.twice]
    if problems:
        return Finding("files", holds=False, detail="; ".join(problems))
    return Finding("files", holds=True, detail=f"{len(told)} files, each with the hash that the manifest tells")
