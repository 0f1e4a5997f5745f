"""The report on paper: PDF, typeset by typst from plain data, the same bytes for the same journal.

Fonts are those that come with typst, never those of the machine; the file carries no time of its own.
"""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.columns import Column
from harness.run import Run
from reports.pdf_data import Pictures, data


def render(run: Run, columns: Callable[[str], list[Column]]) -> bytes:
    """Return the PDF of `run`; `columns(state)` gives the samples of that state's dwell."""
    import typst  # noqa: PLC0415 - 30 MB that nobody else needs

    pictures = Pictures()
    said = data(run, columns, pictures)
    with TemporaryDirectory(prefix="rackproof-pdf-") as kept:
        folder = Path(kept)
        (folder / "data.json").write_text(json.dumps(said, allow_nan=False), encoding="utf-8")
        for name, drawn in pictures.files.items():
            (folder / name).write_text(drawn, encoding="utf-8")
        template = resources.files("reports").joinpath("report.typ").read_bytes()
        (folder / "report.typ").write_bytes(template)
        typeset = typst.compile(str(folder / "report.typ"), root=kept, ignore_system_fonts=True, timestamp=0)
    if not isinstance(typeset, bytes):
        raise TypeError(f"typst gave {type(typeset).__name__}, not one PDF")
    return typeset
