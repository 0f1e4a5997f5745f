"""What is wrong with a submission: findings with a code, how grave it is, and where it was seen."""

from dataclasses import dataclass, field
from pathlib import Path

SEVERITIES = ("error", "warning", "note")
"""An error is a rule broken or a figure that cannot be had; a warning asks for a look; a note explains. Notes alone
leave a submission clean."""

LARGEST_FILE = 512 * 1024 * 1024
"""The most bytes that are read of one file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: code, severity, the file it was found in, and a sentence."""

    code: str
    severity: str
    where: str
    text: str

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"unknown severity {self.severity!r}")

    def as_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return {"code": self.code, "severity": self.severity, "where": self.where, "text": self.text}


@dataclass(slots=True)
class Findings:
    """The findings of one submission, and its files: every path is told relative to `root`."""

    root: Path
    found: list[Finding] = field(default_factory=list)

    def error(self, code: str, where: Path, text: str) -> None:
        """Note a rule broken."""
        self._add(code, "error", where, text)

    def warn(self, code: str, where: Path, text: str) -> None:
        """Note what asks for a look."""
        self._add(code, "warning", where, text)

    def note(self, code: str, where: Path, text: str) -> None:
        """Note what explains."""
        self._add(code, "note", where, text)

    def _add(self, code: str, severity: str, where: Path, text: str) -> None:
        finding = Finding(code, severity, self.named(where), text)
        if finding not in self.found:
            self.found.append(finding)

    def named(self, path: Path) -> str:
        """Return `path` relative to the submission."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    @property
    def clean(self) -> bool:
        """Tell whether nothing but notes was found."""
        return all(finding.severity == "note" for finding in self.found)

    def read(self, path: Path) -> bytes | None:
        """Return the bytes of `path`, or None and a finding: missing, no file, too large, unreadable."""
        try:
            if not path.is_file():
                self.error("missing_file", path, "there is no such file")
                return None
            if (size := path.stat().st_size) > LARGEST_FILE:
                self.error("file_too_large", path, f"{size} bytes, at most {LARGEST_FILE} are read")
                return None
            return path.read_bytes()
        except OSError as error:
            self.error("unreadable_file", path, f"cannot be read: {error.strerror}")
            return None

    def text(self, path: Path) -> str | None:
        """Return the text of `path`; what is not UTF-8 is replaced, and said."""
        data = self.read(path)
        if data is None:
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.warn("not_utf8", path, f"not UTF-8 text: {error.reason} at byte {error.start}")
            return data.decode("utf-8", "replace")
