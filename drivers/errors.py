"""Errors of the wire, all of one tree.

    DriverError
    ├── UsageError            the caller is wrong: nothing was sent
    │   ├── BadAddress        an address that cannot be read
    │   ├── BadSecret         a secret that is not a reference, or a reference that leads nowhere
    │   └── UnknownPoint      the model has no such point
    ├── Unreachable           nobody answers there: refused, no route, closed
    │   └── Silent            the path is open, or may be, but no reply came in time
    ├── Refused               somebody answers and will not serve us
    │   ├── LoginRefused      user, key, password or community not accepted
    │   └── Untrusted         the host key or certificate is not the expected one
    ├── Garbled               a reply came that is not in the grammar of the question
    ├── WrongDevice           something answers, but it is not what it should be
    ├── NoReading             the device says itself that it has no value now
    └── DeviceRefused         the device understood and reported an error of its own
        └── NotInstalled      a host has no such program

Every one of them names the address, what was sent and what came back, as far as they are known.
"""

_SHOWN = 200


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)")


class DriverError(Exception):
    """Something went wrong between us and a device.

    `address` is the device's address without secrets, `sent` the exact query, `received` the raw reply; both are None
    where there was none. `fix` says what to do about it.
    """

    def __init__(
        self, what: str, *, address: str = "", sent: str | None = None, received: str | None = None, fix: str = ""
    ) -> None:
        super().__init__(what)
        self.what, self.address, self.sent, self.received, self.fix = what, address, sent, received, fix

    def __str__(self) -> str:
        lines = [f"{type(self).__name__}: {self.address}: {self.what}" if self.address else self.what]
        if self.sent is not None:
            lines.append(f"  sent     {_shown(self.sent)}")
        if self.received is not None:
            lines.append(f"  received {_shown(self.received)}")
        if self.fix:
            lines.append(f"  try      {self.fix}")
        return "\n".join(lines)


class UsageError(DriverError):
    """The caller is wrong; nothing was sent."""


class BadAddress(UsageError):
    """An address that cannot be read."""


class BadSecret(UsageError):
    """A secret that is not a reference, or a reference that leads nowhere."""


class UnknownPoint(UsageError):
    """The model has no such point."""


class Unreachable(DriverError):
    """Nobody answers at the address: refused, no route, closed."""


class Silent(Unreachable):
    """No reply came in time."""


class Refused(DriverError):
    """Somebody answers and will not serve us."""


class LoginRefused(Refused):
    """User, key, password or community were not accepted."""


class Untrusted(Refused):
    """The host key or certificate is not the expected one."""


class Garbled(DriverError):
    """A reply that is not in the grammar of the question."""


class WrongDevice(DriverError):
    """Something answers, but it is not what it should be."""


class NoReading(DriverError):
    """The device says itself that it has no value now."""


class DeviceRefused(DriverError):
    """The device understood and reported an error of its own."""


class NotInstalled(DeviceRefused):
    """A host has no such program."""
