"""`nv show ... -o json` of NVOS and Cumulus (NVUE): interfaces, environment, firmware, inventory, health, cluster.

Source: NVOS and NVUE command references, and public captures of NVOS 25.02 to 25.03. Which object is what shows in its
members, wherever it stands: the same object comes alone (`nv show interface sw1p1 link`) and in the list of all.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import Reduced, drained, read, shown, table
from drivers.hosts.tools.nvos_objects import KINDS, SOUND, STRUCTURE, TEXTS
from drivers.hosts.tools.sheet import Sheet, key
from drivers.parsed import Figure, Parsed

_DEEPEST = 12
_HYPHENATED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def parse(output: bytes) -> Parsed:
    """Read an answer. Raises Garbled where nothing in it is known. `bad` where a part or the whole is not well."""
    sheet = Sheet()
    document = table(read(output, Reduced(keep_texts=TEXTS, digest=_word)))
    empty = not document
    _visit(sheet, document, "", 0)
    if not len(sheet) and not empty:
        _as_it_stands(sheet, table(read(output)), "", 0)
    return sheet.parsed("nvos", _complaints(sheet))


def _as_it_stands(sheet: Sheet, members: Mapping[str, Any], path: str, depth: int) -> None:
    """Add every text of an answer that we know nothing of, under its path. Raises Garbled where it is none of NVUE's.

    Its members are words with hyphens. Numbers come as texts: nobody says in which unit they are.
    """
    if not path and not any(_HYPHENATED.fullmatch(name) for name in _names(members, 0)):
        raise Garbled("nothing of nv show that we know", received=", ".join(members)[:200])
    for name, value in members.items():
        where = f"{path}/{name}" if path else name
        if isinstance(value, dict) and depth < _DEEPEST:
            _as_it_stands(sheet, value, where, depth + 1)
        elif not isinstance(value, dict | list) and value is not None:
            sheet.add(f"text[{key(where)}]", shown(value))


def _names(members: Mapping[str, Any], depth: int) -> Iterator[str]:
    yield from members
    for value in members.values():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _names(value, depth + 1)


def read_system(said: str) -> tuple[Figure, ...]:
    """Return the figures of an answer that tells of the whole, none where it tells nothing that we know."""
    try:
        return tuple(parse(said.encode()).figures)
    except Garbled:
        return ()


def _visit(sheet: Sheet, members: dict[str, Any], name: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise Garbled(f"nested deeper than {_DEEPEST}", received=name)
    for kind in KINDS:
        if kind.fits(members):
            scope = f"{kind.name}[{key(name)}]" if name else kind.name
            for member, (quantity, reader, unit) in kind.rows.items():
                if member in members and members[member] is not None:
                    sheet.add(f"{scope}.{quantity}", members[member], reader, unit)
    for member, value in drained(members):
        if isinstance(value, dict):
            _visit(sheet, value, name if member in STRUCTURE else member, depth + 1)


def _complaints(sheet: Sheet) -> Iterator[str]:
    for figure in sheet:
        scope, _, quantity = figure.name.rpartition(".")
        sound = SOUND.get(scope.partition("[")[0])
        if quantity == "state" and sound and isinstance(figure.value, str) and figure.value.lower() not in sound:
            yield f"{scope}: {figure.value}"
        if quantity == "health" and str(figure.value).upper() not in ("OK", "HEALTHY"):
            yield f"{scope}: {figure.value or figure.reason}"


def _word(members: dict[str, Any]) -> Any:
    """Return `up` of `{"up": {}}`, which is how NVUE writes the state of a link."""
    return next(iter(members)) if members in ({"up": {}}, {"down": {}}) else members
