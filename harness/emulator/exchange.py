"""The exchange of messages with an instrument (IEEE 488.2 clause 6), for the faces that mark where a message ends."""

from harness.emulator.scpi import INTERRUPTED, Scpi
from harness.emulator.tampering import spoilt
from harness.emulator.world import Wire, World

MESSAGE_AVAILABLE = 0x10
"""Bit 4 of the status byte (IEEE 488.2 clause 11.2.1.2)."""


class Exchange:
    """What all faces of one meter share: the interpreter, the wire and the time."""

    def __init__(self, world: World, device: str, scpi: Scpi) -> None:
        self.world, self.scpi, self._device = world, scpi, device

    @property
    def wire(self) -> Wire:
        """What is wrong on the way to the meter."""
        return self.world.wires[self._device]

    def respond(self, message: bytes) -> bytes | None:
        """Return the response to a whole message as the wire lets it through; None for none.

        A line end within the message begins a new one, which interrupts the response to the one before.
        """
        self.world.advance()
        reply = None
        for line in filter(None, (part.strip() for part in message.decode("latin-1").split("\n"))):
            if reply is not None:
                self.interrupt()
            reply = self.scpi.answer(line)
        if reply is None or self.wire.silent:
            return None
        return spoilt(self.wire, reply.encode("latin-1") + b"\n", b"\n")

    def interrupt(self) -> None:
        """Note that a message came before the last response was read (IEEE 488.2 clause 6.3.2.3)."""
        self.scpi.complain(*INTERRUPTED)

    def status(self, *, waiting: bool) -> int:
        """Return the status byte; `waiting` tells whether a response lies ready."""
        return self.scpi.status() | (MESSAGE_AVAILABLE if waiting else 0)
