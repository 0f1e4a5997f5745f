"""JSON as tools print it: behind a banner, with NaN, with a key that stands there twice.

RFC 8259 leaves open what a repeated key means; a figure that could be either is no figure, so it is refused, unless a
tool is known to print lists that way.
"""

import json
import re
from collections.abc import Callable, Container, Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.parsed import text

_START = re.compile(r"^[ \t]*[\[{]", re.MULTILINE)

Pairs = list[tuple[str, Any]]


class Repeated(list[Any]):
    """The values of a key that stands more than once in one object."""


def read(
    output: bytes,
    keep: Container[str] | None = None,
    *,
    keep_texts: Container[str] | None = None,
    repeats: bool = False,
) -> Any:
    """Return the one JSON document of an output; lines before it are a banner. Raises Garbled.

    With `keep`, members by other names are dropped as they are read, so that a long output needs little memory; with
    `keep_texts` those alone that are neither object nor list. NaN and Infinity come as texts. With `repeats`, a
    repeated key has all its values in a `Repeated`.
    """
    said = text(output)
    start = _START.search(said)
    if not start:
        raise Garbled("no JSON", received=said[:500])
    decoder = json.JSONDecoder(object_pairs_hook=_members(keep, keep_texts, repeats), parse_constant=str)
    try:
        found, end = decoder.raw_decode(said, start.end() - 1)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"not JSON: {error}", received=said[:500]) from None
    if rest := said[end : end + 200].strip():
        raise Garbled("something behind the JSON", received=rest)
    return found


def _members(
    keep: Container[str] | None, keep_texts: Container[str] | None, repeats: bool
) -> Callable[[Pairs], dict[str, Any]]:
    def members(pairs: Pairs) -> dict[str, Any]:
        kept = pairs
        if keep is not None:
            kept = [pair for pair in pairs if pair[0] in keep]
        if keep_texts is not None:
            kept = [pair for pair in pairs if pair[0] in keep_texts or isinstance(pair[1], dict | list)]
        found = dict(kept)
        return found if len(found) == len(kept) else _repeated(kept, repeats)

    return members


def _repeated(pairs: Pairs, repeats: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif not repeats:
            raise Garbled(f"the key {name!r} stands there twice", received=name)
        elif isinstance(found[name], Repeated):
            found[name].append(value)
        else:
            found[name] = Repeated([found[name], value])
    return found


def table(value: Any, what: str = "object") -> dict[str, Any]:
    """Return an object. Raises Garbled for anything else."""
    if not isinstance(value, dict):
        raise Garbled(f"no {what}", received=shown(value))
    return value


def at(value: Any, *path: str) -> Any:
    """Return what stands at the end of a path of members, None where there is no such path."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def tables(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one object that stands where a list could."""
    found = value if isinstance(value, list) else [value]
    return [member for member in found if isinstance(member, dict)]


def drained(members: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object and let go of each, so that figures take the room of what they were read from."""
    for name in tuple(members):
        yield name, members.pop(name)


def drained_tables(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list as `tables` does, and let go of each."""
    if not isinstance(value, list):
        yield from tables(value)
        return
    value.reverse()
    while value:
        member = value.pop()
        if isinstance(member, dict):
            yield member


def shown(value: Any) -> str:
    """Return a value as evidence: a text as it is, anything else as JSON, cut at 200 characters."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, dict | list):
        return f"{'object' if isinstance(value, dict) else 'list'} of {len(value)}"
    return "" if value is None else json.dumps(value)[:200]
