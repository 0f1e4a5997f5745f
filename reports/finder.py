"""Every measurement in one block that a script of the page unfolds, sorts and filters: small, however many there are.

The block is JSON, column by column, deflated (RFC 1950) and in base64; texts stand in it once. Without scripts the
page says where the measurements stand besides.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import Any

from harness.figures import clean, expanded, number
from harness.records import Measurement
from harness.run import Run

Cell = Callable[[str, Measurement], Any]


@cache
def script() -> str:
    """Return the script of the page."""
    return resources.files("reports").joinpath("finder.js").read_text(encoding="utf-8")


def script_digest() -> str:
    """Return the hash of the script as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}'"


def finder(run: Run) -> str:
    """Return the place for the table and the block of rows; "" where nothing was measured."""
    rows = [(name, m) for name, case in run.cases.items() for m in case.measurements]
    if not rows:
        return ""
    packed = base64.b64encode(zlib.compress(_packed(rows), 6)).decode()
    return f"<div id=finder hidden></div><script type=application/octet-stream id=rows>{packed}</script>"


def _packed(rows: list[tuple[str, Measurement]]) -> bytes:
    columns = [_words(head, (cell(name, m) for name, m in rows)) for head, cell in _TEXTS.items()]
    columns += [
        {"head": head, "number": True, "cells": [cell(name, m) for name, m in rows]} for head, cell in _NUMBERS.items()
    ]
    order = {head: n for n, head in enumerate(_ORDER)}
    block = {
        "count": len(rows),
        "judged": sorted({m.judged.replace("_", " ") for _, m in rows}),
        "columns": sorted(columns, key=lambda column: order[column["head"]]),
    }
    return json.dumps(block, separators=(",", ":"), allow_nan=False).encode()


def _words(head: str, cells: Iterable[str]) -> dict[str, Any]:
    """Return a column of texts: each text once, and for each row its number."""
    numbers: dict[str, int] = {}
    places = [numbers.setdefault(cell, len(numbers)) for cell in cells]
    return {"head": head, "number": False, "words": [clean(word) for word in numbers], "cells": places}


def _value(m: Measurement) -> float | str | None:
    """Return a value as a number where it is one, else as text."""
    figure = number(m.value)
    return clean(str(m.value)) if figure is None and m.value is not None else figure


_TEXTS: dict[str, Cell] = {
    "Case": lambda name, _: name,
    "Quantity": lambda _, m: m.name.replace("_", " "),
    "Where": lambda _, m: m.where or "",
    "Unit": lambda _, m: m.unit or "",
    "Expected": lambda _, m: m.expected or "",
    "Judged": lambda _, m: m.judged.replace("_", " "),
    "State": lambda _, m: m.state or "",
    "Rule": lambda _, m: m.rule,
    "Limit from": lambda _, m: m.limit_source,
    "Requirement": lambda _, m: m.requirement or "",
}
_NUMBERS: dict[str, Cell] = {
    "Value": lambda _, m: _value(m),
    "U": lambda _, m: expanded(m),
    "Low": lambda _, m: m.low,
    "High": lambda _, m: m.high,
    "Margin": lambda _, m: m.margin,
}
_ORDER = (
    *("Case", "Quantity", "Where", "Judged", "Value", "U", "Unit", "Low", "High", "Expected", "Margin"),
    *("State", "Rule", "Limit from", "Requirement"),
)
