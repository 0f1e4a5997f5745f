"""A clock that a test drives by hand."""

import threading
from datetime import UTC, datetime, timedelta

BEGUN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class HandClock:
    """Time goes on only when it is told to; who waits until a time is let go when it has come."""

    speed = 1.0

    def __init__(self) -> None:
        self.seconds = 0.0
        self.stepped = 0.0
        self._changed = threading.Condition()
        self._waiting: dict[int, float] = {}

    def now(self) -> datetime:
        return BEGUN + timedelta(seconds=self.seconds + self.stepped)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Nobody sleeps on this clock: time goes on at once."""
        self.advance(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        me = threading.get_ident()
        with self._changed:
            until = self.seconds + max(0.0, seconds)
            self._waiting[me] = until
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.seconds >= until or event.is_set())
            del self._waiting[me]
            self._changed.notify_all()
        return event.is_set()

    def advance(self, seconds: float) -> None:
        with self._changed:
            self.seconds = round(self.seconds + seconds, 9)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look at their event."""
        with self._changed:
            self._changed.notify_all()

    def until_all_wait(self, threads: int) -> None:
        """Wait until so many threads wait for a time that is still to come."""
        with self._changed:
            came = self._changed.wait_for(lambda: sum(t > self.seconds for t in self._waiting.values()) == threads, 20)
        assert came, f"{len(self._waiting)} of {threads} threads wait"
