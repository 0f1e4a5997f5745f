"""JSON that a tool wrote, maybe between lines of text: only the wanted keys are kept, so that size stays bounded."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.parsed import text

Trim = Callable[[list[tuple[str, Any]]], Any]
"""Turns the members of an object, as they stand, into what is kept of it."""

_OPENING = re.compile(r"^[ \t]*(\{)", re.MULTILINE)


class Number(str):
    """A number as it was written; a text is none."""

    __slots__ = ()


def names(table: str) -> frozenset[str]:
    """Return the words of a table of names."""
    return frozenset(table.split())


def wanted(keys: frozenset[str]) -> Trim:
    """Keep the members named in `keys`. Raises Garbled where one of them is there twice with different values."""

    def trim(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in pairs:
            if key in keys and kept.setdefault(key, value) != value:
                raise Garbled(f"the key {key!r} is there twice, with different values")
        return kept

    return trim


def handed_over(keys: frozenset[str], marks: frozenset[str], take: Callable[[dict[str, Any]], None]) -> Trim:
    """Keep the members named in `keys`; an object with all of `marks` goes to `take` at once, and None stands for it.

    So that a long list of objects is never there as a whole. Raises as `wanted`, and what `take` raises.
    """
    keep = wanted(keys)

    def trim(pairs: list[tuple[str, Any]]) -> dict[str, Any] | None:
        kept: dict[str, Any] = keep(pairs)
        if not marks <= kept.keys():
            return kept
        take(kept)
        return None

    return trim


def documents(output: bytes, trim: Trim) -> Iterator[tuple[Any, str]]:
    """Yield each JSON object of an output with the text before it, and last None with the text after all.

    Raises Garbled where an object is cut or is no JSON, or is nested without end.
    """
    whole, at = text(output), 0
    decoder = json.JSONDecoder(object_pairs_hook=trim, parse_float=Number, parse_int=Number, parse_constant=Number)
    while opening := _OPENING.search(whole, at):
        before = whole[at : opening.start(1)]
        try:
            found, at = decoder.raw_decode(whole, opening.start(1))
        except (ValueError, RecursionError) as error:
            raise Garbled(f"no whole JSON object: {error}", received=whole[opening.start(1) :][:200]) from None
        yield found, before
    yield None, whole[at:]


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return a JSON object. Raises Garbled for anything else."""
    if not isinstance(value, dict):
        raise Garbled(f"{what} is no JSON object", received=repr(value)[:200])
    return value


def taken(value: Any, what: str) -> int:
    """Return the length of a JSON array of which every member went to `take`. Raises Garbled for anything else."""
    found = listing(value, what)
    if any(member is not None for member in found):
        raise Garbled(f"a member of {what} is not of its form", received=repr(found)[:200])
    return len(found)


def listing(value: Any, what: str) -> list[Any]:
    """Return a JSON array. Raises Garbled for anything else."""
    if not isinstance(value, list):
        raise Garbled(f"{what} is no JSON array", received=repr(value)[:200])
    return value


def written(value: Any, what: str) -> str:
    """Return a number as it was written. Raises Garbled for anything else."""
    if not isinstance(value, Number):
        raise Garbled(f"{what} is no number", received=repr(value)[:200])
    return str(value)


def word(value: Any, what: str) -> str:
    """Return a text. Raises Garbled for anything else."""
    if not isinstance(value, str) or isinstance(value, Number):
        raise Garbled(f"{what} is no text", received=repr(value)[:200])
    return value
