"""The report on paper: PDF, typeset by typst from plain data, the same bytes for the same journal.

Fonts are those that come with typst, never those of the machine; the file carries no time of its own.
"""

import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from harness.columns import Column
from harness.run import Run
from reports.pdf_data import Pictures, data

_NONE: Mapping[str, str] = MappingProxyType({})


def render(run: Run, columns: Callable[[str], list[Column]]) -> bytes:
    """Return the PDF of `run`; `columns(state)` gives the samples of that state's dwell."""
    pictures = Pictures()
    said = data(run, columns, pictures)
    return typeset("report.typ", said, pictures.files)


def typeset(template: str, said: Mapping[str, Any], pictures: Mapping[str, str] = _NONE) -> bytes:
    """Return the PDF that a template of this package makes of plain data, and pictures by name of file."""
    import typst  # noqa: PLC0415 - 30 MB that nobody else needs

    with TemporaryDirectory(prefix="rackproof-pdf-") as kept:
        folder = Path(kept)
        (folder / "data.json").write_text(json.dumps(said, allow_nan=False), encoding="utf-8")
        for name, drawn in pictures.items():
            (folder / name).write_text(drawn, encoding="utf-8")
        (folder / template).write_bytes(resources.files("reports").joinpath(template).read_bytes())
        made = typst.compile(str(folder / template), root=kept, ignore_system_fonts=True, timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__}, not one PDF")
    return made
