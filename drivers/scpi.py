"""Replies of text instruments: numbers, booleans, headers and the error queue (IEEE 488.2, SCPI-99)."""

import math
import re

from drivers.errors import Garbled, NoReading

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?")
_WORDS = {"NAN": "no data", "INF": "over range", "+INF": "over range", "-INF": "over range"}
_BOOLEANS = {"0": False, "1": True, "OFF": False, "ON": True}

OVER_RANGE = 9.9e37
"""SCPI-99 7.2.1.4: infinity is sent as 9.9E+37 and not-a-number as 9.91E+37; no reading is that large."""


def without_header(unit: str) -> str:
    """Drop the header that stands before a reply when `:COMMunicate:HEADer` is on.

    >>> without_header(":INPUT:MODE RMS"), without_header("80.0")
    ('RMS', '80.0')
    """
    text = unit.strip()
    if text.startswith(":"):
        return text.partition(" ")[2].strip()
    return text


def number(text: str) -> float:
    """Read one number.

    Raises NoReading where the instrument says that it has no data or is over range, Garbled for anything else.

    >>> number("1.2345E+03"), number("-0.5")
    (1234.5, -0.5)
    """
    word = text.strip()
    if word.upper() in _WORDS:
        raise NoReading(_WORDS[word.upper()], received=text)
    if not _NUMBER.fullmatch(word):
        raise Garbled("not a number", received=text)
    value = float(word)
    if abs(value) >= OVER_RANGE or math.isinf(value):
        raise NoReading("over range" if abs(value) < 9.905e37 or math.isinf(value) else "no data", received=text)
    return value


def boolean(text: str) -> bool:
    """Read 0, 1, ON or OFF. Raises Garbled for anything else."""
    word = text.strip().upper()
    if word not in _BOOLEANS:
        raise Garbled("not a boolean", received=text)
    return _BOOLEANS[word]


def error(text: str) -> tuple[int, str]:
    """Read a reply of the error queue: number and text, number 0 for none.

    >>> error('813,"Invalid operation"'), error("0")
    ((813, 'Invalid operation'), (0, ''))
    """
    found = re.fullmatch(r'([+-]?\d{1,6})(?:,\s*"([^"]*)")?', without_header(text))
    if not found:
        raise Garbled("not an entry of an error queue", received=text)
    return int(found[1]), found[2] or ""
