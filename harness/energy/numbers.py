"""Columns of text into numbers, fast where all is well, and by name where a field is not what it should be."""

import re
from collections.abc import Sequence

import numpy as np

from harness.energy.trace import Watts
from harness.energy.validity import Reason

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE | re.ASCII)
_COMMA = re.compile(r"[+-]?[\d.'\s]*,\d+(?:[.,]\d+)*", re.ASCII)
_WITH_UNIT = re.compile(r"([+-]?[\d.]+)\s*([a-zA-Zµ%]+)")


def parsed(texts: Sequence[str]) -> tuple[Watts, list[int]]:
    """Return the numbers, NaN for what is none, and the places of what is none.

    NaN and infinities that the file itself names are numbers here: `validity` refuses them.

    >>> parsed(["1", "2,5"])
    (array([ 1., nan]), [1])
    """
    joined = "".join(texts)
    if joined.isascii() and "_" not in joined:  # float() takes 1_000 and other scripts' digits
        try:
            return np.fromiter(map(float, texts), np.float64, len(texts)), []
        except ValueError:
            pass
    bad = [i for i, text in enumerate(texts) if _NUMBER.fullmatch(text.strip()) is None]
    values = np.full(len(texts), np.nan)
    good = np.setdiff1d(np.arange(len(texts)), np.asarray(bad, dtype=np.int64))
    values[good] = [float(texts[i].strip()) for i in good]
    return values, bad


def why_not(text: str, place: str) -> Reason:
    """Return why the field `text`, found at `place`, is not a number.

    >>> why_not("12,5", "line 3").code, why_not("", "line 3").code, why_not("5 kW", "line 3").code
    ('decimal_comma', 'missing_value', 'mixed_units')
    """
    stripped = text.strip()
    if not stripped:
        return Reason("missing_value", f"{place}: the field is empty")
    if _COMMA.fullmatch(stripped):
        return Reason("decimal_comma", f"{place}: {text!r}; write numbers with a point and without thousands")
    if (found := _WITH_UNIT.fullmatch(stripped)) is not None:
        return Reason("mixed_units", f"{place}: {text!r} brings its own unit {found[2]!r}; units belong in the header")
    return Reason("not_a_number", f"{place}: {text!r}")
