"""`rackproof verify`: check bundles offline: signature, files, chain, series, decisions, verdict, reports."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.commands import rendering
from harness.evidence import keys, verifying
from harness.evidence.checks import Finding
from harness.evidence.keys import PublicKey
from harness.evidence.opening import NotABundle
from harness.run import Run

_MARKS = {True: "holds", False: "DOES NOT HOLD", None: "not checked"}


def main(arguments: Namespace) -> int:
    """Check every bundle; 1 where anything does not hold. Without a key no signature is checked, which is said."""
    key = keys.public(arguments.key) if arguments.key else None
    results = [_checked(path, key) for path in arguments.bundle]
    withheld = _withheld([run for _, run in results if run is not None])
    for path, (findings, run) in zip(arguments.bundle, results, strict=True):
        sys.stdout.write(_as_json(path, findings, run) if arguments.json else _as_text(path, findings, run))
    if withheld:
        sys.stderr.write(f"rackproof: {withheld}\n")
    return int(any(finding.holds is False for findings, _ in results for finding in findings))


def _checked(bundle: Path, key: PublicKey | None) -> tuple[list[Finding], Run | None]:
    with TemporaryDirectory(prefix="rackproof-verify-") as kept:
        folder = Path(kept)
        try:
            findings, run = verifying.verify(bundle, key, folder)
        except NotABundle as error:
            return [Finding("bundle", holds=False, detail=str(error))], None
        if run is not None:
            findings.append(_reports(folder / "run", run, findings))
        return findings, run


def _reports(folder: Path, run: Run, findings: list[Finding]) -> Finding:
    """Render the reports anew: the same journal gives the same bytes."""
    if any(finding.holds is False for finding in findings):
        return Finding("reports", holds=None, detail="not rendered anew: what they rest on does not hold")
    present = {kind: folder / "reports" / name for kind, name in rendering.FILES.items()}
    present = {kind: path for kind, path in present.items() if path.is_file()}
    differ = [path.name for kind, path in present.items() if not _is_rendered(folder, run, kind, path)]
    if not differ:
        return Finding("reports", holds=True, detail=f"{len(present)} reports rendered anew to the same bytes")
    written_by = run.start.software.get("rackproof", "?")
    return Finding("reports", holds=False, detail=f"{', '.join(differ)}: not what the journal gives ({written_by})")


def _is_rendered(folder: Path, run: Run, kind: str, path: Path) -> bool:
    return path.read_bytes() == rendering.render(folder, run, kind)


def _withheld(runs: list[Run]) -> str:
    """Say which numbers are missing between those of several bundles of one station."""
    if len(runs) < 2 or any(not run.checkpoints for run in runs):
        return ""
    numbers = {run.checkpoints[-1].number for run in runs}
    missing = [n for n in range(min(numbers), max(numbers) + 1) if n not in numbers]
    if not missing:
        return ""
    return f"the station's runs {', '.join(map(str, missing))} are not among these bundles: ask for them"


def _as_json(path: Path, findings: list[Finding], run: Run | None) -> str:
    told = {
        "schema": "rackproof-verify/1",
        "bundle": str(path),
        "holds": not any(finding.holds is False for finding in findings),
        "signed": any(finding.check == "signature" and finding.holds is True for finding in findings),
        "verdict": run.verdict if run else None,
        "serial": run.start.serial if run else None,
        "findings": [{"check": f.check, "holds": f.holds, "detail": f.detail} for f in findings],
    }
    return json.dumps(told, allow_nan=False) + "\n"


def _as_text(path: Path, findings: list[Finding], run: Run | None) -> str:
    lines = [f"  {f.check:12} {_MARKS[f.holds]:14} {f.detail}" for f in findings]
    broken = any(finding.holds is False for finding in findings)
    head = f"{path}: {'NOT TO BE TRUSTED' if broken else 'holds'}"
    what = f", rack {run.start.serial}, {run.verdict}" if run and not broken else ""
    return "\n".join([head + what, *lines]) + "\n"
