"""What a bad wire does to a reply on its way out."""

from harness.emulator.variation import dice
from harness.emulator.world import Wire

PRINTABLE = bytes(range(0x21, 0x7F))


def tampered(wire: Wire, reply: bytes, keep: bytes = b"") -> bytes:
    """Return the reply as the wire delivers it; a garbled one keeps its length and the ending `keep`.

    >>> tampered(Wire(truncated=True), b"1234")
    b'12'
    """
    return cut(wire, spoilt(wire, reply, keep))


def spoilt(wire: Wire, reply: bytes, keep: bytes = b"") -> bytes:
    """Return the reply, or rubbish of its length and with its ending `keep` where the wire garbles.

    >>> spoilt(Wire(truncated=True), b"1234")
    b'1234'
    """
    if not wire.garbled:
        return reply
    end = keep if keep and reply.endswith(keep) else b""
    return bytes(dice(0, "rubbish", len(reply)).choices(PRINTABLE, k=len(reply) - len(end))) + end


def cut(wire: Wire, frame: bytes) -> bytes:
    """Return what goes out of a frame: half of it where the wire truncates."""
    return frame[: len(frame) // 2] if wire.truncated else frame
