"""The manifest of a bundle: an in-toto Statement v1 (github.com/in-toto/attestation) over the files of a run."""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "rackproof.bundle/1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""Type of the envelope's payload, as in-toto names it."""


class BadManifest(Exception):
    """A manifest that cannot be read; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files with their SHA-256, and what the bundle says of the run."""

    files: dict[str, str]
    about: dict[str, Any]

    def to_json(self) -> bytes:
        """Return the statement, always the same bytes for the same content."""
        subject = [{"name": name, "digest": {"sha256": self.files[name]}} for name in sorted(self.files)]
        statement = {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": self.about}
        return json.dumps(statement, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def read(payload: bytes) -> Manifest:
    """Read a statement. Raises BadManifest."""
    try:
        statement = json.loads(payload)
        if statement["_type"] != STATEMENT or statement["predicateType"] != PREDICATE:
            raise BadManifest(f"a statement of {statement['predicateType']!r}, not of {PREDICATE!r}")
        subject = [(str(each["name"]), str(each["digest"]["sha256"])) for each in statement["subject"]]
        about = dict(statement["predicate"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadManifest(f"not a statement: {type(error).__name__}: {error}") from error
    if len(dict(subject)) != len(subject):
        raise BadManifest("a file stands in it twice")
    for name, _ in subject:
        safe_name(name)
    return Manifest(dict(subject), about)


def safe_name(name: str) -> str:
    """Return `name` where it is the path of a file within a folder. Raises BadManifest where it climbs out."""
    parts = PurePosixPath(name).parts
    plain = bool(parts) and not name.startswith("/") and not {"..", "."} & set(name.split("/"))
    if not plain or "\\" in name or "\0" in name or "/".join(parts) != name:
        raise BadManifest(f"not the name of a file in a bundle: {name!r}")
    return name
