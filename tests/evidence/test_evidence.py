"""Bundles: what holds, and every way of changing one that must show."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datafile import DataError
from harness.evidence import bundle, checkpoints, dsse, keys, ledger, verifying
from harness.evidence.checks import Finding
from harness.evidence.keys import PublicKey
from harness.evidence.manifest import PAYLOAD_TYPE, read
from harness.evidence.opening import NotABundle
from harness.journal import FIRST, Reader
from harness.records import Checkpoint
from harness.series import FILE, SeriesStore
from tests import servers
from tests.evidence.runs import BEGUN, SAMPLES, packed, run_folder, tampered, unpacked

Files = dict[str, bytes]


def station(run: Path) -> Path:
    return run.parent / checkpoints.STATION


def bundled(run: Path, output: Path | None = None) -> Path:
    output = output or run.parent.parent / "b.tar"
    bundle.write(run, output, keys.station(station(run)), station(run))
    return output


def checked(path: Path, key: PublicKey | None, folder: Path) -> dict[str, Finding]:
    folder.mkdir(exist_ok=True)
    findings, _ = verifying.verify(path, key, folder)
    return {finding.check: finding for finding in findings}


def broken(path: Path, key: PublicKey | None, folder: Path) -> set[str]:
    return {name for name, finding in checked(path, key, folder).items() if finding.holds is False}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("station") / "runs")


@pytest.fixture(scope="module")
def whole(run: Path) -> Path:
    return bundled(run)


@pytest.fixture
def key(run: Path) -> PublicKey:
    return keys.public(station(run) / keys.PUBLIC)


def test_a_whole_bundle_holds_in_every_check(whole: Path, key: PublicKey, tmp_path: Path) -> None:
    found = checked(whole, key, tmp_path / "w")
    assert {name: f.holds for name, f in found.items()} == dict.fromkeys(
        ("signature", "files", "journal", "checkpoints", "ledger", "inputs", "series", "decisions", "verdict"), True
    )


def test_without_a_key_the_signatures_are_not_checked_and_that_is_said(whole: Path, tmp_path: Path) -> None:
    found = checked(whole, None, tmp_path / "w")
    assert {name for name, f in found.items() if f.holds is None} == {"signature", "checkpoints", "ledger"}


def test_the_same_run_gives_the_same_bytes(run: Path, whole: Path, tmp_path: Path) -> None:
    assert bundled(run, tmp_path / "again.tar").read_bytes() == whole.read_bytes()


def test_what_concerns_the_machine_alone_stays_at_home(whole: Path) -> None:
    files = unpacked(whole)
    assert not [name for name in files if "origin" in name or "inbox" in name or "key.pem" in name]
    assert b"PRIVATE KEY" not in whole.read_bytes()
    assert b"/somewhere/on/this/machine" not in whole.read_bytes()


def test_another_key_does_not_verify(whole: Path, tmp_path: Path) -> None:
    other = keys.station(tmp_path / "other").public
    assert broken(whole, other, tmp_path / "w") == {"signature", "checkpoints", "ledger"}


def _change(name: str, old: bytes, new: bytes) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def _without_last_line(files: Files) -> None:
    files["run/journal.jsonl"] = b"".join(files["run/journal.jsonl"].splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("change", "shows"),
    [
        (_change("run/attachments/log.txt", b"well", b"bad!"), {"files"}),
        (_change("run/journal.jsonl", b'"value":92.0', b'"value":91.0'), {"files", "journal"}),
        (_change("run/inputs/profile.toml", b"100.0", b"200.0"), {"files", "inputs", "decisions"}),
        (_change("ledger.jsonl", b'"number":1', b'"number":2'), {"files", "ledger"}),
        (_without_last_line, {"files", "checkpoints", "ledger"}),
        (lambda files: files.pop("run/attachments/log.txt"), {"files"}),
        (lambda files: files.update({"run/extra": b"x"}), {"files"}),
    ],
    ids=["attachment", "line", "limit", "ledger", "tail", "missing", "added"],
)
def test_a_change_shows(
    change: Callable[[Files], object], shows: set[str], whole: Path, key: PublicKey, tmp_path: Path
) -> None:
    copy = tmp_path / "b.tar"
    copy.write_bytes(whole.read_bytes())
    assert broken(tampered(copy, change), key, tmp_path / "w") == shows


def test_a_changed_sample_shows(run: Path, key: PublicKey, tmp_path: Path) -> None:
    def change(files: Files) -> None:
        changed = [(at, value + 1e-9 * (n == 20)) for n, (at, value) in enumerate(SAMPLES)]
        with SeriesStore(tmp_path) as store:
            store.write("idle", [("feed", "power", "W", "visa://x P?", at, value) for at, value in changed])
        files["run/series/samples.sqlite"] = (tmp_path / FILE).read_bytes()

    copy = bundled(run, tmp_path / "b.tar")
    assert broken(tampered(copy, change), key, tmp_path / "w") == {"files", "series"}


def _rebuilt(journal: bytes, old: bytes, new: bytes) -> bytes:
    """Change a journal and rebuild its chain, as somebody would who has no key."""
    prev, lines = FIRST, []
    for line in journal.replace(old, new).splitlines():
        fields = json.loads(line) | {"prev": prev}
        lines.append(json.dumps(fields, separators=(",", ":")).encode() + b"\n")
        prev = hashlib.sha256(lines[-1]).hexdigest()
    return b"".join(lines)


def test_a_chain_rebuilt_and_signed_by_somebody_else_shows(whole: Path, key: PublicKey, tmp_path: Path) -> None:
    forger = keys.station(tmp_path / "forger")
    files = unpacked(whole)
    files["run/journal.jsonl"] = _rebuilt(files["run/journal.jsonl"], b'"value":92.0', b'"value":12.0')
    payload, _ = dsse.opened(files[bundle.MANIFEST], PAYLOAD_TYPE)
    statement = json.loads(payload)
    for each in statement["subject"]:
        each["digest"]["sha256"] = hashlib.sha256(files[each["name"]]).hexdigest()
    files[bundle.MANIFEST] = dsse.seal(PAYLOAD_TYPE, json.dumps(statement).encode(), forger)
    forged = packed(tmp_path / "forged.tar", files)
    assert broken(forged, key, tmp_path / "w") == {"signature", "checkpoints", "ledger"}
    assert "ledger" in broken(forged, forger.public, tmp_path / "w2")


def test_a_station_that_decides_otherwise_than_its_limits_shows(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "runs", sealed=False)
    text = (run / "journal.jsonl").read_bytes()
    (run / "journal.jsonl").write_bytes(_rebuilt(text, b'"value":92.0', b'"value":192.0'))
    key = keys.station(station(run)).public
    found = broken(bundled(run), key, tmp_path / "w")
    assert {"decisions", "checkpoints", "ledger"} <= found


def test_a_run_that_was_killed_is_said_to_be_a_part(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "runs", ends=False)
    found = checked(bundled(run), keys.station(station(run)).public, tmp_path / "w")
    assert found["checkpoints"].holds is False
    assert "did not end" in found["checkpoints"].detail


def test_signatures_stand_every_so_many_cases_and_at_both_ends(run: Path) -> None:
    seqs = [entry.seq for entry in Reader(run).entries() if isinstance(entry.record, Checkpoint)]
    assert seqs == [1, len(list(Reader(run).entries())) - 1]


# a bundle from strangers


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, 3 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"),
        member("/etc/passwd"),
        member("run/../../outside"),
        member("run//double"),
        member("run\\..\\outside"),
        member("run/journal.jsonl", tarfile.SYMTYPE, "/etc/passwd"),
        member("run/journal.jsonl", tarfile.LNKTYPE, "station.pem"),
        member("run/pipe", tarfile.FIFOTYPE),
        member("run", tarfile.DIRTYPE),
    ],
    ids=lambda info: f"{info.name} {info.type!r}",
)
def test_names_that_climb_out_and_what_is_no_file_are_refused(
    bad: tarfile.TarInfo, whole: Path, tmp_path: Path
) -> None:
    files = unpacked(whole)
    path = tmp_path / "h.tar"
    with tarfile.open(path, "w") as tar:
        first = member(bundle.MANIFEST)
        first.size = len(files[bundle.MANIFEST])
        tar.addfile(first, io.BytesIO(files[bundle.MANIFEST]))
        tar.addfile(bad, io.BytesIO(b"xxx") if bad.isreg() else None)
    with pytest.raises(NotABundle):
        checked(path, None, tmp_path / "w")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.tar", "w"]


def test_a_manifest_that_claims_to_be_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    info = member(bundle.MANIFEST)
    info.size = 1 << 40
    path = tmp_path / "h.tar"
    path.write_bytes(info.tobuf() + b"\0" * 1024)
    with pytest.raises(NotABundle):
        checked(path, None, tmp_path / "w")


def test_a_file_twice_shows(whole: Path, key: PublicKey, tmp_path: Path) -> None:
    path = tmp_path / "t.tar"
    path.write_bytes(whole.read_bytes())
    with tarfile.open(path, "a") as tar:
        info = member("run/attachments/log.txt")
        tar.addfile(info, io.BytesIO(b"yes"))
    assert "there twice" in checked(path, key, tmp_path / "w")["files"].detail


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), flipped=st.integers(0, 255))
def test_cut_or_damaged_anywhere_it_says_so(
    cut: float, flipped: int, whole: Path, key: PublicKey, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content, folder = whole.read_bytes(), tmp_path_factory.mktemp("cut")
    at = int(cut * (len(content) - 1))
    damaged = bytearray(content)
    damaged[at] ^= flipped or 1
    for name, changed in (("cut", content[:at]), ("damaged", bytes(damaged))):
        path = folder / f"{name}.tar"
        path.write_bytes(changed)
        try:
            held = broken(path, key, folder / name)
        except NotABundle:
            continue
        # the padding of a tar file is nobody's: nothing that the manifest covers lies there
        assert held or unpacked(path) == unpacked(whole)


@given(st.binary(max_size=300))
def test_what_is_no_envelope_is_refused(noise: bytes) -> None:
    with pytest.raises(dsse.BadEnvelope):
        dsse.opened(noise, PAYLOAD_TYPE)


# the ledger


def test_runs_are_numbered_and_chained(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    made = [run_folder(runs, f"r{n}") for n in range(3)]
    lines = [ledger.line_of(text) for text in (station(made[0]) / ledger.FILE).read_bytes().splitlines(keepends=True)]
    assert [(line.number, line.event) for line in lines] == [(n, e) for n in (1, 2, 3) for e in ("begin", "end")]
    assert [line.prev for line in lines] == [FIRST, *(line.sha256 for line in lines[:-1])]
    key = keys.public(station(made[0]) / keys.PUBLIC)
    assert all(ledger.signed_by(line, key) for line in lines)


def test_a_run_keeps_its_number_when_it_goes_on(tmp_path: Path) -> None:
    signer = keys.station(tmp_path)
    first = ledger.begin(tmp_path, signer, "aa", BEGUN)
    ledger.begin(tmp_path, signer, "bb", BEGUN)
    assert ledger.begin(tmp_path, signer, "aa", BEGUN) == first


def test_a_ledger_that_was_changed_takes_no_more_runs(tmp_path: Path) -> None:
    signer = keys.station(tmp_path)
    for journal in ("aa", "bb"):
        ledger.begin(tmp_path, signer, journal, BEGUN)
    path = tmp_path / ledger.FILE
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(DataError, match="the ledger was changed"):
        ledger.begin(tmp_path, signer, "cc", BEGUN)


def test_a_line_that_a_crash_tore_is_dropped(tmp_path: Path) -> None:
    signer = keys.station(tmp_path)
    ledger.begin(tmp_path, signer, "aa", BEGUN)
    with (tmp_path / ledger.FILE).open("ab") as file:
        file.write(b'{"number":2,"pr')
    assert ledger.begin(tmp_path, signer, "bb", BEGUN).number == 2


def test_two_processes_at_once_make_one_key(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from harness.evidence import keys; "
    code += "print(keys.station(Path(sys.argv[1])).public.fingerprint)"
    command = [sys.executable, "-c", code, str(tmp_path / "station")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in started}) == 1
    assert (tmp_path / "station" / keys.PRIVATE).stat().st_mode & 0o777 == 0o600


# strangers' tools


def test_the_vector_of_the_specification(tmp_path: Path) -> None:
    # github.com/secure-systems-lab/dsse, protocol.md, test vector
    assert dsse.pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.real
def test_openssl_verifies_the_signature(whole: Path, run: Path, tmp_path: Path) -> None:
    envelope: dict[str, Any] = json.loads(unpacked(whole)[bundle.MANIFEST])
    payload = b64decode(envelope["payload"])
    (tmp_path / "pae").write_bytes(dsse.pre_authentication(envelope["payloadType"], payload))
    (tmp_path / "sig").write_bytes(b64decode(envelope["signatures"][0]["sig"]))
    command = [
        servers.need("openssl"),
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        str(station(run) / keys.PUBLIC),
        "-rawin",
    ]
    done = subprocess.run([*command, "-in", "pae", "-sigfile", "sig"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / "pae").write_bytes(b"x" + (tmp_path / "pae").read_bytes())
    done = subprocess.run([*command, "-in", "pae", "-sigfile", "sig"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode != 0
    assert read(payload).about["serial"] == "GA-1"
