"""What a connection needs beside the address."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Where references lead and how long to wait.

    `folder` is where `file:` references begin, `host_key` the public key that an SSH server must show (a line as in
    known_hosts or authorized_keys), `ca` the certificates (PEM) that a TLS server's own must go back to, `timeout_s`
    how long one exchange may last, retries included.
    """

    folder: Path = field(default_factory=Path.cwd)
    host_key: Path | None = None
    timeout_s: float = 5.0
    ca: Path | None = None
