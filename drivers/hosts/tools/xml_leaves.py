"""The leaves of an XML document, one by one: nothing else is kept, so that a long one needs little memory.

Entities are not declared by any tool that we read: a document that declares some is refused, expanded or not.
"""

from collections.abc import Callable
from xml.parsers import expat

from drivers.errors import Garbled

_DEEPEST = 50
Leaf = Callable[[tuple[str, ...], str], None]
Opened = Callable[[tuple[str, ...]], None]


class _Walk:
    def __init__(self, opened: Opened, leaf: Leaf) -> None:
        self._opened, self._leaf = opened, leaf
        self._path: list[str] = []
        self._text: list[str] = []
        self._is_leaf = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise Garbled(f"XML nested deeper than {_DEEPEST}", received=name)
        self._text.clear()
        self._is_leaf = True
        self._opened(tuple(self._path))

    def end(self, _name: str) -> None:
        if self._is_leaf:
            self._leaf(tuple(self._path), "".join(self._text).strip())
        self._is_leaf = False
        self._text.clear()
        self._path.pop()

    def text(self, data: str) -> None:
        if self._is_leaf:
            self._text.append(data)


def _declared(name: str, *_rest: object) -> None:
    raise Garbled("XML that declares entities", received=name)


def walk(output: bytes, opened: Opened, leaf: Leaf) -> None:
    """Call `opened` with the path of every element as it begins, `leaf` with path and text of those without children.

    Raises Garbled where it is not well-formed XML.
    """
    walker, parser = _Walk(opened, leaf), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walker.start, walker.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = walker.text, _declared
    try:
        parser.Parse(output.strip(), True)
    except expat.ExpatError as error:
        raise Garbled(f"not XML: {error}", received=output[:300].decode("utf-8", "replace")) from None
