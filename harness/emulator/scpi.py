"""A Yokogawa WT333E as its socket answers (IM WT310E-17EN): the subset that measuring and integrating need.

`answer` is pure but for the instrument's own settings: a line in, a reply or nothing out. Errors go to the error queue.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.emulator.wt333e import Instrument

Handler = Callable[["Scpi", list[str], list[int]], str | None]
"""Takes the arguments ("?" first in a query) and the numeric suffixes; returns a reply, None for none."""

COMMAND_ERROR, EXECUTION_ERROR, QUERY_ERROR, OPERATION_COMPLETE = 0x20, 0x10, 0x04, 0x01
ERROR_AVAILABLE = 0x04
"""Bit 2 of the status byte: the error queue is not empty."""


class ScpiError(ValueError):
    """What goes into the error queue: a code and a text."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code, self.what = code, what


UNDEFINED_HEADER = (113, "Undefined header")
SYNTAX = (102, "Syntax error")
OUT_OF_RANGE = (222, "Data out of range")
ILLEGAL_VALUE = (224, "Illegal parameter value")
INTERRUPTED = (410, "Query INTERRUPTED")


def header_pattern(written: str) -> re.Pattern[str]:
    """Return the pattern of a header as manuals write it: capitals are the short form, `[...]` is optional.

    >>> bool(header_pattern("NUMeric:NORMal:ITEM<x>").fullmatch("NUM:NORMAL:ITEM3"))
    True
    """
    pattern = ""
    for optional, node, suffix in re.findall(r"(\[?):?([A-Za-z*]+)(<x>)?\]?", written):
        short = re.escape(re.sub("[a-z]", "", node))
        both = f"(?:{short}|{re.escape(node.upper())})" + (r"(\d+)?" if suffix else "")
        pattern += f"(?::{both})?" if optional else (f":{both}" if pattern else both)
    return re.compile(pattern, re.IGNORECASE)


def spelled(written: str, verbose: bool, suffixes: list[int]) -> str:
    """Return a header as the instrument puts it before a reply: long where VERBose is on.

    >>> spelled("INPut:MODE", True, []), spelled("INPut:MODE", False, [])
    (':INPUT:MODE', ':INP:MODE')
    """
    plain = re.sub(r"[\[\]]", "", written).replace("<x>", "#")
    nodes = plain.upper() if verbose else re.sub("[a-z]", "", plain)
    for suffix in suffixes:
        nodes = nodes.replace("#", str(suffix), 1)
    return f":{nodes}"


@dataclass(slots=True)
class Scpi:
    """The command interpreter in front of an instrument."""

    instrument: Instrument
    identity: Callable[[], str]
    errors: list[tuple[int, str]] = field(default_factory=list)
    events: int = 0
    header: bool = True
    verbose: bool = True
    remote: bool = False
    path: str = ""

    def answer(self, line: str) -> str | None:
        """Answer one line, without its end; None where nothing was asked or an error was queued."""
        self.path = ""
        replies = []
        for unit in _units(line):
            try:
                reply = self._unit(unit)
            except ScpiError as fault:
                self.complain(fault.code, fault.what)
                break
            if reply is not None:
                replies.append(reply)
        return ";".join(replies) if replies else None

    def complain(self, code: int, what: str) -> None:
        """Queue an error and note its class in the event register."""
        self.errors.append((code, what))
        classes = {1: COMMAND_ERROR, 4: QUERY_ERROR}
        self.events |= classes.get(code // 100, EXECUTION_ERROR)

    def status(self) -> int:
        """Return the status byte without its message bit, which is the face's."""
        return ERROR_AVAILABLE if self.errors else 0

    def _unit(self, unit: str) -> str | None:
        head, _, rest = unit.partition(" ")
        query, head = head.endswith("?"), head.removesuffix("?")
        arguments = [argument.strip() for argument in rest.split(",")] if rest.strip() else []
        written, handler, suffixes = self._find(head)
        reply = handler(self, ["?", *arguments] if query else arguments, suffixes)
        if reply is not None and self.header and written in HEADED:
            return f"{spelled(written, self.verbose, suffixes)} {reply}"
        return reply

    def _find(self, head: str) -> tuple[str, Handler, list[int]]:
        absolute = head.startswith((":", "*"))
        tries = [head.removeprefix(":")] if absolute else [f"{self.path}:{head}".lstrip(":"), head]
        for wanted in tries:
            for written, (pattern, handler) in COMMANDS.items():
                if match := pattern.fullmatch(wanted):
                    if not head.startswith("*"):
                        self.path = wanted.rpartition(":")[0]
                    return written, handler, [int(group) for group in match.groups() if group]
        raise ScpiError(*UNDEFINED_HEADER)


def _units(line: str) -> list[str]:
    return [unit.strip() for unit in line.strip().split(";") if unit.strip()]


def _asked(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] == "?"


def _boolean(text: str) -> bool:
    if text.upper() in {"ON", "1", "OFF", "0"}:
        return text.upper() in {"ON", "1"}
    raise ScpiError(*ILLEGAL_VALUE)


def _identify(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    return scpi.identity()


def _reset(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> None:
    scpi.instrument.reset()


def _clear(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> None:
    scpi.errors.clear()
    scpi.events = 0


def _complete(scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str | None:
    if _asked(arguments):
        return "1"
    scpi.events |= OPERATION_COMPLETE
    return None


def _events(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    seen, scpi.events = scpi.events, 0
    return str(seen)


def _error(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    code, what = scpi.errors.pop(0) if scpi.errors else (0, "No error")
    return f'{code},"{what}"'


def _status(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    return str(scpi.status())


def _flag(name: str) -> Handler:
    def handler(scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str | None:
        if _asked(arguments):
            return str(int(getattr(scpi, name)))
        setattr(scpi, name, _boolean(arguments[0] if arguments else ""))
        return None

    return handler


def _zero(_scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str | None:
    return "0" if _asked(arguments) else None


def _condition(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    return str(scpi.instrument.condition())


def _setting(name: str) -> Handler:
    """Return the handler of a setting that the instrument checks and keeps."""

    def handler(scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str | None:
        if _asked(arguments):
            return scpi.instrument.setting(name)
        _try(lambda: scpi.instrument.set(name, ",".join(arguments)))
        return None

    return handler


def _try(action: Callable[[], object]) -> None:
    try:
        action()
    except PermissionError as error:
        raise ScpiError(813, "Invalid operation in measuring state or integrating") from error
    except ValueError as error:
        raise ScpiError(*ILLEGAL_VALUE) from error


def _ratio(kind: str) -> Handler:
    """Return the handler of a scaling factor: all elements or one."""

    def handler(scpi: Scpi, arguments: list[str], suffixes: list[int]) -> str | None:
        ratios = scpi.instrument.ratios[kind]
        chosen = suffixes or [1, 2, 3]
        if any(not 1 <= element <= 3 for element in chosen):
            raise ScpiError(*OUT_OF_RANGE)
        if _asked(arguments):
            return _ratios(scpi, kind, chosen)
        value = _positive(arguments)
        for element in chosen:
            ratios[element - 1] = value
        return None

    return handler


def _ratios(scpi: Scpi, kind: str, elements: list[int]) -> str:
    """Return the factors of some elements, each under its own header: ALL has none of its own."""
    written = {"ct": "INPut:SCALing:CT:ELEMent<x>", "vt": "INPut:SCALing:VT:ELEMent<x>"}
    replies: list[str] = []
    for n in elements:
        head = spelled(written.get(kind, "INPut:SCALing:SFACtor:ELEMent<x>"), scpi.verbose, [n]) + " "
        head = head.rpartition(":")[2] if replies else head
        replies.append(f"{head if scpi.header else ''}{scpi.instrument.ratios[kind][n - 1]:.3f}")
    return ";".join(replies)


def _positive(arguments: list[str]) -> float:
    try:
        value = float(arguments[0]) if arguments else 0.0
    except ValueError as error:
        raise ScpiError(*ILLEGAL_VALUE) from error
    if not 0.0001 <= value <= 99999.0:
        raise ScpiError(*OUT_OF_RANGE)
    return value


def _item(scpi: Scpi, arguments: list[str], suffixes: list[int]) -> str | None:
    number = suffixes[0] if suffixes else 1
    if not 1 <= number <= 255:
        raise ScpiError(*OUT_OF_RANGE)
    if _asked(arguments):
        return scpi.instrument.item(number)
    _try(lambda: scpi.instrument.choose(number, arguments))
    return None


def _items(scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str | None:
    if _asked(arguments):
        return str(scpi.instrument.count)
    if not arguments or not arguments[0].isdigit() or not 1 <= int(arguments[0]) <= 255:
        raise ScpiError(*OUT_OF_RANGE)
    scpi.instrument.count = int(arguments[0])
    return None


def _values(scpi: Scpi, arguments: list[str], _suffixes: list[int]) -> str:
    if not _asked(arguments):
        raise ScpiError(*UNDEFINED_HEADER)
    number = arguments[1:]
    if number and (not number[0].isdigit() or not 1 <= int(number[0]) <= 255):
        raise ScpiError(*OUT_OF_RANGE)
    return scpi.instrument.values(int(number[0]) if number else None)


def _integration(name: str) -> Handler:
    def handler(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> None:
        _try(lambda: scpi.instrument.integrate(name))

    return handler


def _integrating(scpi: Scpi, _arguments: list[str], _suffixes: list[int]) -> str:
    return scpi.instrument.integration


_SETTINGS = {
    "INPut:VOLTage:RANGe": "voltage_range", "INPut:CURRent:RANGe": "current_range",
    "INPut:VOLTage:AUTO": "voltage_auto", "INPut:CURRent:AUTO": "current_auto", "INPut:CFACtor": "crest_factor",
    "INPut:MODE": "mode", "INPut:WIRing": "wiring", "INPut:SYNChronize": "sync", "INPut:FILTer:LINE": "line_filter",
    "INPut:FILTer:FREQuency": "frequency_filter", "INPut[:SCALing]:STATe": "scaling", "RATE": "rate",
    "NUMeric:FORMat": "format", "NUMeric:HOLD": "hold", "INTEGrate:MODE": "integration_mode",
    "INTEGrate:TIMer": "timer",
}  # fmt: skip
_OTHERS: dict[str, Handler] = {
    "*IDN": _identify, "*RST": _reset, "*CLS": _clear, "*OPC": _complete, "*ESR": _events, "*ESE": _zero, "*SRE": _zero,
    "*STB": _status, "*TST": _zero, "*OPT": _zero, "STATus:ERRor": _error, "STATus:CONDition": _condition,
    "STATus:EESR": _zero, "STATus:QMESsage": _zero, "COMMunicate:HEADer": _flag("header"),
    "COMMunicate:VERBose": _flag("verbose"), "COMMunicate:REMote": _flag("remote"), "COMMunicate:LOCKout": _zero,
    "COMMunicate:WAIT": _zero, "INPut[:SCALing]:CT[:ALL]": _ratio("ct"), "INPut[:SCALing]:CT:ELEMent<x>": _ratio("ct"),
    "INPut[:SCALing]:VT[:ALL]": _ratio("vt"), "INPut[:SCALing]:VT:ELEMent<x>": _ratio("vt"),
    "INPut[:SCALing]:SFACtor[:ALL]": _ratio("sfactor"), "INPut[:SCALing]:SFACtor:ELEMent<x>": _ratio("sfactor"),
    "NUMeric[:NORMal]:NUMber": _items, "NUMeric[:NORMal]:ITEM<x>": _item, "NUMeric[:NORMal]:VALue": _values,
    "INTEGrate:STARt": _integration("START"), "INTEGrate:STOP": _integration("STOP"),
    "INTEGrate:RESet": _integration("RESET"), "INTEGrate:STATe": _integrating,
}  # fmt: skip
HEADED = {
    name for name in (*_SETTINGS, *_OTHERS)
    if not name.startswith(("*", "STATus", "INPut[:SCALing]:")) and not name.endswith("VALue")
} | {"INPut[:SCALing]:STATe"}  # fmt: skip
"""Commands whose reply carries its header while HEADer is on."""

COMMANDS: dict[str, tuple[re.Pattern[str], Handler]] = {
    name: (header_pattern(name), handler)
    for name, handler in ({key: _setting(value) for key, value in _SETTINGS.items()} | _OTHERS).items()
}
