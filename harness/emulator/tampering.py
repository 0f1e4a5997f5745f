"""What a bad wire does to a reply on its way out."""

from harness.emulator.variation import dice
from harness.emulator.world import Wire

PRINTABLE = bytes(range(0x21, 0x7F))


def tampered(wire: Wire, reply: bytes, keep: bytes = b"") -> bytes:
    """Return the reply as the wire delivers it; a garbled one keeps its length and the ending `keep`.

    >>> tampered(Wire(truncated=True), b"1234")
    b'12'
    """
    if wire.garbled:
        end = keep if keep and reply.endswith(keep) else b""
        rubbish = bytes(dice(0, "rubbish", len(reply)).choices(PRINTABLE, k=len(reply) - len(end)))
        reply = rubbish + end
    return reply[: len(reply) // 2] if wire.truncated else reply
