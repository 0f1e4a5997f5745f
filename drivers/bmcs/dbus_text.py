"""What busctl prints: JSON, or values after their D-Bus signature, or the table of `introspect`. Pure.

Signatures as in the D-Bus Specification (Type System); text as busctl(1) prints it: the signature, then the values,
containers with their number of elements first.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from drivers.busctl import NOT_JSON
from drivers.errors import Garbled

MOST_DEPTH = 64
"""Containers in containers; the D-Bus Specification allows 32 arrays and 32 structures."""

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_INTEGERS, _TEXTS = frozenset("ynqiuxth"), frozenset("sog")
_SIGNATURE = re.compile(r"[ybnqiuxtdsogvha(){}]+")
_TABLE_HEAD = re.compile(r"NAME\s+TYPE\s+SIGNATURE\s+RESULT/VALUE\s+FLAGS")
_TABLE_ROW = re.compile(r"\.(\S+)\s+property\s+(\S+)\s+(.*?)\s+([a-z][a-z ,-]*|-)\s*", re.DOTALL)


def replies(output: str) -> Iterator[Any]:
    """Yield what each reply in an output says, without D-Bus types. Raises Garbled."""
    head = output.lstrip()
    if head.startswith(("{", "[")):
        yield from _json_replies(head)
        return
    for line in output.split("\n"):
        if line.strip():
            yield value(line.strip())


def _json_replies(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(object_hook=_without_type)
    text, at = NOT_JSON.sub("null", text), 0
    while at < len(text):
        try:
            found, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise Garbled("not a reply of busctl in JSON", received=text[at : at + 200]) from None
        if not isinstance(found, _Typed):
            raise Garbled("JSON, but not of busctl: no type and data", received=text[:200])
        yield found.data
        at += len(text[at : at + 64]) - len(text[at : at + 64].lstrip())


class _Typed:
    """What stood with its type: data of a reply, told apart from what is inside of it."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


def _without_type(pairs: dict[str, Any]) -> Any:
    """Keep the data of a variant; each is thrown away as it is read, which is what keeps large replies small."""
    if len(pairs) == 2 and "data" in pairs and isinstance(pairs.get("type"), str):
        return _Typed(_inner(pairs["data"]))
    return {name: _inner(found) for name, found in pairs.items()}


def _inner(found: Any) -> Any:
    if isinstance(found, _Typed):
        return found.data
    return [_inner(one) for one in found] if isinstance(found, list) else found


def value(text: str) -> Any:
    """Read `SIGNATURE VALUES...`: one value, or a list where the signature has several. Raises Garbled.

    >>> value('s "xyz.openbmc_project.State.Chassis.PowerState.On"')
    'xyz.openbmc_project.State.Chassis.PowerState.On'
    >>> value('a{sv} 2 "Value" d 21.5 "Functional" b true')
    {'Value': 21.5, 'Functional': True}
    """
    signature, _, rest = text.partition(" ")
    if not _SIGNATURE.fullmatch(signature):
        raise Garbled("no D-Bus signature in front", received=text[:200])
    reader = _Reader(rest)
    found = []
    while signature:
        one, signature = reader.read(signature, 0)
        found.append(one)
    if reader.left():
        raise Garbled("more than the signature says", received=text[:200])
    return found[0] if len(found) == 1 else found


class _Reader:
    """Takes values off a line of words, as a signature asks for them."""

    def __init__(self, text: str) -> None:
        self._words = _TOKEN.finditer(text)

    def left(self) -> bool:
        return next(self._words, None) is not None

    def read(self, signature: str, depth: int) -> tuple[Any, str]:
        """Return the value of the first complete type, and the signature after it."""
        if depth > MOST_DEPTH or not signature:
            raise Garbled("not a D-Bus signature", received=signature)
        kind, rest = signature[0], signature[1:]
        if kind == "a":
            return self._array(rest, depth + 1)
        if kind == "(":
            return self._structure(rest, depth + 1)
        if kind == "v":
            inner, after = self.read(self._word(), depth + 1)
            if after:
                raise Garbled("a variant of several types", received=after)
            return inner, rest
        return self._basic(kind), rest

    def _array(self, signature: str, depth: int) -> tuple[Any, str]:
        element, rest = _split(signature)
        count = self._integer()
        if element.startswith("{"):
            key, entry = element[1], element[2:-1]
            if key in "av({":
                raise Garbled("a dictionary by keys that are no basic type", received=signature)
            pairs = [(self.read(key, depth)[0], self.read(entry, depth)[0]) for _ in self._times(count)]
            return dict(pairs), rest
        return [self.read(element, depth)[0] for _ in self._times(count)], rest

    def _structure(self, signature: str, depth: int) -> tuple[Any, str]:
        found = []
        while signature and signature[0] != ")":
            one, signature = self.read(signature, depth)
            found.append(one)
        if not signature:
            raise Garbled("a structure that does not end", received=signature)
        return found, signature[1:]

    def _basic(self, kind: str) -> Any:
        if kind in _TEXTS:
            return self._word(quoted=True)
        word = self._word()
        if kind == "b" and word in {"true", "false"}:
            return word == "true"
        try:
            return int(word) if kind in _INTEGERS else _double(kind, word)
        except ValueError:
            raise Garbled(f"not of type {kind}", received=word[:200]) from None

    def _word(self, *, quoted: bool = False) -> str:
        found = next(self._words, None)
        if found is None:
            raise Garbled("fewer values than the signature says")
        if quoted != (found[1] is not None):
            raise Garbled("a text without quotes, or quotes around what is none", received=found[0][:200])
        return _ESCAPE.sub(_unescaped, found[1]) if quoted else found[0]

    def _integer(self) -> int:
        word = self._word()
        if not re.fullmatch(r"\d{1,9}", word, re.ASCII):
            raise Garbled("no number of elements", received=word[:200])
        return int(word)

    def _times(self, count: int) -> range:
        return range(count)  # each takes a word at least, so that a lie ends with the words


def _double(kind: str, word: str) -> float | None:
    if kind != "d":
        raise ValueError(kind)
    number = float(word)
    return number if abs(number) < float("inf") else None  # NaN too: D-Bus has them, a reading has not


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) == 3:
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if len(code) == 3 else _PLAIN_ESCAPES.get(code, code)


def _split(signature: str) -> tuple[str, str]:
    """Split the first complete type off a signature. Raises Garbled."""
    depth, at = 0, 0
    for at, sign in enumerate(signature):  # noqa: B007 - where it ends is the result
        depth += (sign in "({") - (sign in ")}")
        if depth == 0 and sign != "a":
            break
    first = signature[: at + 1]
    if depth or not first or (first.lstrip("a")[:1] == "{" and len(first.lstrip("a")) < 4):
        raise Garbled("not a D-Bus signature", received=signature)
    return first, signature[at + 1 :]


def introspected(output: str) -> dict[str, dict[str, Any]] | None:
    """Read the properties of `busctl introspect`, by interface and name; None where it is not that table.

    A value that cannot be read is a Garbled in its place.
    """
    rows = output.split("\n")
    if not _TABLE_HEAD.match(rows[0].strip()):
        return None
    found: dict[str, dict[str, Any]] = {}
    interface = ""
    for row in rows[1:]:
        if row[:1] not in {".", " ", ""}:
            interface = row.split()[0]
        elif (one := _TABLE_ROW.fullmatch(row)) is not None and one[3] != "-":
            found.setdefault(interface, {})[one[1]] = _shown(f"{one[2]} {one[3]}")
    return found


def _shown(text: str) -> Any:
    """Read a value of the table, which cuts long ones off unless it was asked for with --full."""
    try:
        return value(text)
    except Garbled as error:
        return error
