"""Instruments that speak SCPI or nearly so: who they are, settings with their errors, items that come in one list.

A setting counts as made when the error queue is empty and the standard event status register reports no error
(IEEE 488.2 11.5.1). A query that an instrument does not know (no manual at hand confirms it, or the firmware is older
than the manual) must not spoil the others: where no reply comes and `*IDN?` has one, it is null with that reason.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from drivers import scpi
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent, WrongDevice
from drivers.points import Clock, Identity, Point, Reading
from drivers.visa import IDENTIFY, VisaDevice, VisaTransport

S = TypeVar("S")
T = TypeVar("T")

EVENT_STATUS = "*ESR?"
"""IEEE 488.2 clause 10.12: reading the register clears it."""

_MOST_ERRORS = 20
_TRIES = 3
"""How often the reply to a query of the manual may be lost on one connection before it is not put again."""


class ScpiDevice(VisaDevice):
    """An instrument with `*IDN?`, settings and errors.

    Subclasses state `identity`, the pattern of their reply to `*IDN?`, and `errors`, the query of their error queue
    ("" where they have none).
    """

    identity: ClassVar[str]
    errors: ClassVar[str] = ":SYST:ERR?"

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._unanswered: dict[str, int] = {}

    @classmethod
    def recognises(cls, said: str) -> bool:
        """Tell whether a reply to `*IDN?` is that of this model."""
        return re.match(cls.identity, said.strip().strip('"'), re.IGNORECASE) is not None

    def identify(self) -> Identity:
        """Ask `*IDN?`: maker, model, serial, firmware. Raises WrongDevice unless it is of this model."""
        raw = self.transport.query(IDENTIFY)
        parts = [part.strip() for part in raw.strip().strip('"').split(",")]
        if len(parts) < 4 or not self.recognises(raw):
            what = f"not a {self.model} ({self.source})"
            raise WrongDevice(what, address=self.address, sent=IDENTIFY, received=raw)
        maker, model, serial, firmware = *parts[:3], ",".join(parts[3:])
        return Identity(maker, model, serial, firmware, f"{self.address} {IDENTIFY}", raw)

    def do(self, *commands: str) -> None:
        """Send commands, then read errors and event status until both are empty.

        Raises DeviceRefused with the first error: a stale one is not ours to hide either.
        """
        for command in commands:
            self.transport.write(command)
        self._complain("; ".join(commands))

    def _complain(self, sent: str) -> None:
        """Raise the first error that the instrument reports, if any, with nothing left to report."""
        found = self._queue() if self.errors else []
        events, raw = self._events()
        if found:
            number, text, received = found[0]
            raise DeviceRefused(f"error {number} {text}".strip(), address=self.address, sent=sent, received=received)
        if events:
            raise DeviceRefused(", ".join(events), address=self.address, sent=sent, received=raw)

    def _queue(self) -> list[tuple[int, str, str]]:
        """Read the error queue until it is empty: number, text and raw reply of each."""
        found: list[tuple[int, str, str]] = []
        while len(found) < _MOST_ERRORS:
            raw = self.transport.query(self.errors)
            number, text = self._located(scpi.error, raw, self.errors)
            if not number:
                break
            found.append((number, text, raw))
        return found

    def _located(self, read: Callable[[S], T], raw: S, sent: str) -> T:
        try:
            return read(raw)
        except Garbled as error:
            error.address, error.sent = self.address, sent
            raise

    def ask_doubtful(self, query: str, *, confirmed: bool = False) -> str | DriverError:
        """Put a query that the instrument may not know; where no reply comes, it is null with that reason.

        It is not put again on this connection; one that a manual confirms has lost its reply twice first. Raises
        Silent where the instrument does not say who it is either.
        """
        missed = self._unanswered.get(query, 0)
        if missed < (_TRIES if confirmed else 1):
            try:
                return self.transport.query(query)
            except Silent:
                self.transport.query(IDENTIFY)
                self._unanswered[query] = missed + 1
                self._forget()
        what = f"the instrument does not answer {query!r}"
        doubt = "" if confirmed else ", which no manual at hand confirms"
        return NoReading(what + doubt, address=self.address, sent=query)

    def _forget(self) -> None:
        """Empty error queue and status after a query of ours that the instrument did not know."""
        if self.errors:
            self._queue()
        self._events()

    def _events(self) -> tuple[list[str], str]:
        """Return the errors of the event status register, and the raw reply."""
        if self._unanswered.get(EVENT_STATUS):
            return [], ""
        try:
            raw = self.transport.query(EVENT_STATUS)
        except Silent:
            self.transport.query(IDENTIFY)
            self._unanswered[EVENT_STATUS] = 1
            return [], ""
        return self._located(scpi.events, raw, EVENT_STATUS), raw

    def _replies(self, points: Sequence[Point]) -> dict[str, Any]:
        confirmed = {point.query for point in points if point.confirmed}
        queries = dict.fromkeys(point.query for point in points)
        known = [query for query in queries if query in confirmed and query not in self._unanswered]
        try:
            replies = dict(self.transport.ask(known))
        except Silent:
            if len(queries) == 1:
                raise
            # One of them it may not know: each by itself then, so that it does not cost the others.
            replies = {}
        return replies | {
            query: self.ask_doubtful(query, confirmed=query in confirmed) for query in queries if query not in replies
        }

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read these points, each query once; a query may stay without a reply."""
        replies = self._replies(points)
        at = self.clock.now()
        return [r for point in points for r in point.readings(replies[point.query], self.address, at)]
