"""The only place that time is taken from."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The clock that the harness needs: a driver's, and waiting for an event.

    All its seconds are the rack's; `speed` of them pass in one second of this machine.
    """

    @property
    def speed(self) -> float:
        """Return how many seconds of the rack pass in one of this machine."""
        ...

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` s."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, at most `seconds` s; tell whether it is."""
        ...


class SystemClock:
    """The clock of this machine."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.now(UTC)

    def unix(self) -> float:
        """Return seconds since 1970, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` s; not at all where they are negative."""
        if seconds > 0:
            time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, at most `seconds` s; tell whether it is."""
        return event.wait(max(0.0, seconds))


class LapsedClock:
    """A clock that runs `speed` times faster than this machine's; at `epoch` (Unix time, s) both show the same.

    Two processes of one machine that are given the same two numbers keep the same time. The time of day is taken from
    the machine once: what sets the machine's clock later would be `speed` times as large here.
    """

    def __init__(self, speed: float, epoch: float) -> None:
        self.speed, self.epoch = speed, epoch
        self._begun = epoch + (time.time() - epoch) * speed
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the rack's time of day, UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def unix(self) -> float:
        """Return the rack's time, s since 1970, UTC."""
        return self._begun + (time.monotonic() - self._since) * self.speed

    def monotonic(self) -> float:
        """Return seconds of the rack that never go back."""
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` s of the rack; not at all where they are negative."""
        if seconds > 0:
            time.sleep(seconds / self.speed)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, at most `seconds` s of the rack; tell whether it is."""
        return event.wait(max(0.0, seconds) / self.speed)


def keeping(speed: float, epoch: float) -> Clock:
    """Return the clock of a rack: this machine's where its time runs as time does."""
    return SystemClock() if speed == 1.0 else LapsedClock(speed, epoch)
