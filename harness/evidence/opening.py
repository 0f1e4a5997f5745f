"""Take a bundle apart without trusting it: every file hashed where it lies, nothing written outside one folder."""

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from harness.evidence import dsse
from harness.evidence.bundle import MANIFEST
from harness.evidence.manifest import PAYLOAD_TYPE, BadManifest, Manifest, read, safe_name

LARGEST_MANIFEST = 64 << 20
"""B; a manifest of a hundred thousand files has 15 MB."""
_CHUNK = 1 << 20


class NotABundle(Exception):
    """A file that is no bundle at all; says what is wrong."""


@dataclass(slots=True)
class Opened:
    """What was found in a bundle: the manifest, its signatures, and the hash of every file that really is there."""

    manifest: Manifest
    payload: bytes
    signatures: list[tuple[str, str]]
    found: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)


def open_bundle(path: Path, folder: Path, wanted: tuple[str, ...]) -> Opened:
    """Hash every file of the bundle; those whose name begins with one of `wanted` are also put below `folder`.

    Raises NotABundle.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            members = _plain(tar)
            opened = _manifest(tar, members)
            for member in members:
                if member.name in opened.found:
                    opened.twice.append(member.name)
                keep = folder / member.name if member.name.startswith(wanted) else None
                opened.found[member.name] = _hashed(tar, member, keep)
    except (tarfile.TarError, EOFError, OverflowError, UnicodeError) as error:
        raise NotABundle(f"{path}: not a bundle, or cut short: {error}") from error
    except (BadManifest, dsse.BadEnvelope) as error:
        raise NotABundle(f"{path}: {error}") from error
    except OSError as error:
        raise NotABundle(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return opened


def _plain(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the members; links, devices, sparse files and names that climb out are none of ours."""
    for member in tar:
        safe_name(member.name)
        if not member.isreg() or member.issparse():
            raise BadManifest(f"{member.name!r} is no plain file")
        yield member


def _manifest(tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> Opened:
    first = next(members, None)
    if first is None or first.name != MANIFEST:
        raise BadManifest(f"a bundle begins with {MANIFEST}, this with {first.name if first else 'nothing'!r}")
    if first.size > LARGEST_MANIFEST:
        raise BadManifest(f"a manifest of {first.size} B; the largest taken has {LARGEST_MANIFEST}")
    payload, signatures = dsse.opened(_file(tar, first).read(), PAYLOAD_TYPE)
    return Opened(read(payload), payload, signatures)


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise BadManifest(f"{member.name!r} is no plain file")
    return file


def _hashed(tar: tarfile.TarFile, member: tarfile.TarInfo, keep: Path | None) -> str:
    digest = hashlib.sha256()
    source = _file(tar, member)
    if keep is None:
        for chunk in iter(lambda: source.read(_CHUNK), b""):
            digest.update(chunk)
        return digest.hexdigest()
    keep.parent.mkdir(parents=True, exist_ok=True)
    with keep.open("wb") as target:
        for chunk in iter(lambda: source.read(_CHUNK), b""):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()
