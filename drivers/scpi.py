"""Replies of text instruments: numbers, words, headers, units, registers, blocks, the error queue.

IEEE 488.2 clauses 8 and 10, SCPI-99 volume 1 chapters 7 and 21, and what instruments send besides. A field is a number
or is refused by name: nothing that is not a measured value comes out as one.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from drivers.errors import Garbled, NoReading

_MANTISSA = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_NUMBER = re.compile(rf"{_MANTISSA}(?:[Ee][+-]?\d+)?", re.ASCII)
_HEADED = re.compile(r"(?P<head>[:*]?[A-Za-z][A-Za-z0-9_:+-]*)\s+(?P<rest>\S.*)", re.DOTALL)
_WITH_UNIT = re.compile(rf"(?P<number>{_MANTISSA}(?:[Ee][+-]?\d+)?)\s*(?P<unit>[A-Za-z%]+)", re.ASCII)
_REGISTER = re.compile(r"#H([0-9A-F]{1,16})|#Q([0-7]{1,21})|#B([01]{1,64})|\+?(\d{1,19})", re.IGNORECASE | re.ASCII)
_BOOLEANS = {"0": False, "1": True, "OFF": False, "ON": True}

OVER, UNDER, NOTHING = "over range", "under range", "no data"

_WORDS = {
    **dict.fromkeys(("NAN", "+NAN", "-NAN", "NONE", "NULL", "N/A", "BLANK"), NOTHING),
    **dict.fromkeys(("INF", "+INF", "-INF", "INFINITY", "+INFINITY", "-INFINITY"), OVER),
    **dict.fromkeys(("OVER", "+OVER", "-OVER", "OVERRANGE", "OVERFLOW", "OL", "+OL", "-OL", "O.L", "OF"), OVER),
    **dict.fromkeys(("OR", "+OR", "-OR", "O.R", "OVR", "OVLD", "+OVLD", "-OVLD"), OVER),
    **dict.fromkeys(("UNDER", "UNDERRANGE", "UNDERFLOW", "UR", "+UR", "-UR", "UL", "U.R"), UNDER),
}
"""What instruments send in the place of a number, and what it means."""

OVER_RANGE = 9.9e37
NOT_A_NUMBER = 9.91e37
"""SCPI-99 7.2.1.4 and 7.2.1.5: infinity is sent as 9.9E+37, not-a-number as 9.91E+37."""

_LARGEST = 1e30
"""No reading is larger: what is, and is no sentinel that we know, is refused all the same."""

_PREFIXES = {"u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "K": 1e3, "G": 1e9}
_SPELLINGS = {
    "VAR": "var",
    "DEGC": "degC",
    "HZ": "Hz",
    "WH": "Wh",
    "AH": "Ah",
    "W": "W",
    "V": "V",
    "A": "A",
    "VA": "VA",
}
_SPELLINGS |= {"S": "s", "%": "%"}


def without_header(unit: str) -> str:
    """Drop the header that stands before a reply when `:COMMunicate:HEADer` or `:HEADer` is on.

    >>> without_header(":INPUT:MODE RMS"), without_header("ELEMENT2 80.0"), without_header("80.0")
    ('RMS', '80.0', '80.0')
    """
    text = unit.strip()
    found = _HEADED.fullmatch(text)
    return found["rest"].strip() if found else ("" if text.startswith(":") else text)


def fields(reply: str, separator: str = ",") -> list[str]:
    """Split a reply into its fields; a header before the first one goes, empty fields stay.

    >>> fields(":NUMERIC:NORMAL:VALUE 1.0,,NAN")
    ['1.0', '', 'NAN']
    """
    text = reply.strip()
    head, _, rest = text.partition(" ")
    if head.startswith(":") and rest and separator not in head:
        text = rest
    return [field.strip() for field in text.split(separator)]


def number(text: str, unit: str | None = None, *, name: str = "", sentinels: Mapping[str, str] | None = None) -> float:
    """Read one number, in `unit` where the instrument may write a unit behind it.

    A header before the number is dropped; where it should be `name` and is another, that is Garbled. `sentinels` are
    this instrument's own stand-ins, as it spells them, with what they mean.

    Raises NoReading where the instrument says that it has no data or is out of range, Garbled for anything else.

    >>> number("1.2345E+03"), number("-0.5"), number("P1 +12.5kW", "W", name="P1"), number("850 mA", "A")
    (1234.5, -0.5, 12500.0, 0.85)
    """
    word = _bare(text, name)
    meaning = (sentinels or {}).get(word) or _meaning(word)
    if meaning:
        raise NoReading(meaning, received=text)
    value = _value(word, unit, text)
    if math.isfinite(value) and abs(value) <= _LARGEST:
        return value
    infinite = math.isinf(value) or math.isclose(abs(value), OVER_RANGE, rel_tol=4e-4)
    if infinite or math.isclose(value, NOT_A_NUMBER, rel_tol=4e-4):
        raise NoReading(OVER if infinite else NOTHING, received=text)
    raise Garbled("larger than any reading can be", received=text)


def step(text: str) -> float:
    """Return one unit of the last digit of a number as it was sent: how finely it can be told; 0.0 where it is none.

    >>> step("61.23E+03"), step("-0.5"), step("850"), step("OVER")
    (10.0, 0.1, 1.0, 0.0)
    """
    try:
        exponent = Decimal(text.strip()).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    return float(Decimal(1).scaleb(exponent)) if isinstance(exponent, int) else 0.0


def _bare(text: str, name: str) -> str:
    word = text.strip().strip('"')
    headed = _HEADED.fullmatch(word)
    if headed is None or _NUMBER.fullmatch(word):
        return word
    if name and headed["head"].rpartition(":")[2].upper() != name.upper():
        raise Garbled(f"the field of {headed['head']} where {name} was asked", received=text)
    return headed["rest"].strip()


def _meaning(word: str) -> str | None:
    if word and not word.strip("-. _*"):
        return NOTHING
    return _WORDS.get(word.strip("-").upper() if word.startswith("--") else word.upper())


def _value(word: str, unit: str | None, text: str) -> float:
    if _NUMBER.fullmatch(word):
        return float(word)
    found = _WITH_UNIT.fullmatch(word) if unit else None
    if found is None:
        raise Garbled("not a number", received=text)
    return float(found["number"]) * _factor(found["unit"], unit or "", text)


def _factor(written: str, unit: str, text: str) -> float:
    """Return what a written unit is in `unit`; a capital M may be milli or mega (IEEE 488.2 7.7.3.4): refused."""
    stem = next((s for s, meant in _SPELLINGS.items() if meant == unit and written.upper().endswith(s)), unit)
    prefix = written[: len(written) - len(stem)]
    if written.upper() in {"MHZ", "MAHZ"} and unit == "Hz":
        return 1e6
    if not written.upper().endswith(stem.upper()) or prefix not in _PREFIXES:
        what = f"unit {written!r} may be milli or mega" if prefix == "M" else f"unit {written!r} where {unit} was asked"
        raise Garbled(what, received=text)
    return _PREFIXES[prefix]


def boolean(text: str) -> bool:
    """Read 0, 1, ON or OFF. Raises Garbled for anything else."""
    word = without_header(text).upper()
    if word not in _BOOLEANS:
        raise Garbled("not a boolean", received=text)
    return _BOOLEANS[word]


def choice(text: str, words: Mapping[str, str]) -> str:
    """Read one of some words, in capitals, and return what it stands for. Raises Garbled for any other.

    >>> choice(":INTEGRATE:STATE STAR", {"STAR": "START"})
    'START'
    """
    word = without_header(text).strip('"').upper()
    if word not in words:
        raise Garbled(f"none of {', '.join(dict.fromkeys(words))}", received=text)
    return words[word]


def register(text: str) -> int:
    """Read a register: an integer, or #H, #Q, #B (IEEE 488.2 8.7.6). Raises Garbled.

    >>> register("36"), register("*ESR 32"), register("#H2F")
    (36, 32, 47)
    """
    found = _REGISTER.fullmatch(without_header(text))
    if not found:
        raise Garbled("not a register", received=text)
    return next(int(group, base) for group, base in zip(found.groups(), (16, 8, 2, 10), strict=True) if group)


EVENTS = {4: "query error", 8: "device-dependent error", 16: "execution error", 32: "command error"}
"""Bits of the standard event status register that report an error (IEEE 488.2 11.5.1.1)."""


def events(text: str) -> list[str]:
    """Return the errors that a reply to `*ESR?` reports; power-on and operation complete are none.

    >>> events("160"), events("0")
    (['command error'], [])
    """
    bits = register(text)
    return [what for bit, what in EVENTS.items() if bits & bit]


_ERROR = re.compile(r"""([+-]?\d{1,6})(?:\s*[, ]\s*(?:"((?:[^"]|"")*)"|'([^']*)'|([^"',]*)))?""", re.DOTALL | re.ASCII)


def error(text: str) -> tuple[int, str]:
    """Read a reply of the error queue: number and text, number 0 for none.

    >>> error('813,"Invalid operation"'), error("+0"), error("-113,Undefined header")
    ((813, 'Invalid operation'), (0, ''), (-113, 'Undefined header'))
    """
    found = _ERROR.fullmatch(without_header(text))
    if not found:
        raise Garbled("not an entry of an error queue", received=text)
    return int(found[1]), (found[2] or found[3] or found[4] or "").strip()


def block(raw: bytes) -> bytes:
    """Return the content of a definite-length block (IEEE 488.2 8.7.9); a line end may follow it.

    >>> block(b"#15hello"), block(b"#6000002hi")
    (b'hello', b'hi')
    """
    digits = raw[1:2]
    if raw[:1] != b"#" or not digits.isdigit() or digits == b"0":
        raise Garbled("not a definite-length block", received=repr(raw[:20]))
    start = 2 + int(digits)
    length = raw[2:start]
    if len(length) != int(digits) or not length.isdigit() or len(raw) < start + int(length):
        raise Garbled(f"a block cut short at {len(raw)} bytes", received=repr(raw[:20]))
    end = start + int(length)
    if raw[end:].strip(b"\r\n"):
        raise Garbled(f"{len(raw) - end} bytes behind the block", received=repr(raw[:20]))
    return raw[start:end]
