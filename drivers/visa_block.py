"""Binary blocks over VISA: what a recorder sends for a waveform (IEEE 488.2 8.7.9)."""

from typing import Any

from drivers import scpi
from drivers.errors import Garbled
from drivers.visa import VisaTransport

MOST_BYTES = 256 * 1024 * 1024
"""A longer block is no waveform of any recorder that we drive."""


class BlockTransport(VisaTransport):
    """An instrument that also answers with blocks of bytes."""

    def query_block(self, command: str) -> bytes:
        """Put one query and return the content of the block that comes.

        Raises Garbled where none comes, Unreachable or Silent as `query` does.
        """
        with self._lock, self._told(command):
            resource = self._opened()
            resource.write(command)
            raw = self._raw_block(resource)
        try:
            return scpi.block(raw)
        except Garbled as error:
            # What is left of it would answer the next question.
            self.close()
            error.address, error.sent = self.address, command
            raise

    def _raw_block(self, resource: Any) -> bytes:
        if not self._is_stream:
            return _message(resource)
        head: bytes = resource.read_bytes(1)
        if head != b"#":
            return head if head == b"\n" else head + bytes(resource.read_raw())
        head += resource.read_bytes(1)
        if not head[1:].isdigit() or head == b"#0":
            return head
        length: bytes = resource.read_bytes(int(head[1:]))
        if not length.isdigit() or int(length) > MOST_BYTES:
            return head + length
        return head + length + bytes(resource.read_bytes(int(length) + 1))

    @property
    def _is_stream(self) -> bool:
        """Whether messages have no end of their own, so that a line end in the data is not the end of the block."""
        name = self.address.upper()
        return name.endswith("::SOCKET") or "://ASRL" in name


def _message(resource: Any) -> bytes:
    """Read to the end of the message, whatever bytes it has."""
    ending = resource.read_termination
    resource.read_termination = None
    try:
        return bytes(resource.read_raw())
    finally:
        resource.read_termination = ending
