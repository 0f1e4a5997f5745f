"""The parts of `docs/reference` that are taken from the code, so that they cannot go stale.

A page holds `<!-- begin NAME -->` and `<!-- end NAME -->`; `python -m tests.pages` writes what belongs between them,
and `tests/test_docs.py` holds the pages to it.
"""

import argparse
import importlib
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drivers.catalogue import MODELS
from drivers.points import UNITS
from drivers.protocols import CONTRACTS
from drivers.workloads.commands import WORKLOADS, Workload
from harness import calibration, cli, inventory, limits, planfile, profile, records
from harness.cases import GROUPS, CaseInfo
from harness.emulator.faults import FAULTS
from tests.plans.faults import MATRIX

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

_WORDS = {
    date: "day",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    type(None): "nothing",
}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(heads)]
    lines += [["---"] * len(lines[0]), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def kind_of(annotation: Any) -> str:
    """Say in words what a field takes."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(dict.fromkeys(kind_of(a) for a in arguments if a is not type(None)))
    if origin in {tuple, list, frozenset}:
        return f"list of {kind_of(arguments[0])}"
    if origin in {dict, Mapping}:
        return f"table of {kind_of(arguments[1])}"
    return _WORDS.get(annotation, f"`{annotation.__name__}`" if isinstance(annotation, type) else str(annotation))


def fields(model: type[BaseModel]) -> str:
    """Return the keys of a table in a file."""
    rows = []
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
        rows.append([f"`{field.alias or name}`", kind_of(field.annotation), default])
    return f"{_paragraph(model.__doc__)}\n\n{table(['key', 'takes', 'default'], rows)}"


def _shown(value: object) -> str:
    return {"None": "", "''": "", "()": "", "frozenset()": "", "{}": ""}.get(repr(value), f"`{value}`")


def _paragraph(text: str | None) -> str:
    return re.sub(r"[ \n]+", " ", (text or "").strip())


def tables(**models: type[BaseModel]) -> str:
    """Return several tables of one file, each under its heading."""
    return "\n".join(f"### {_heading(name)}\n\n{fields(model)}" for name, model in models.items())


def _heading(name: str) -> str:
    return "At the top" if name == "top" else f"`{name.replace('__', '.')}`"


def inventory_tables() -> str:
    """Return the keys of an inventory."""
    return tables(
        top=inventory.Inventory,
        device=inventory.DeviceEntry,
        device__accuracy=inventory.StatedAccuracy,
        component=inventory.Component,
        link=inventory.Link,
    )


def calibration_tables() -> str:
    """Return the keys of a calibration register."""
    return tables(top=calibration.Register, instrument=calibration.Instrument)


def profile_tables() -> str:
    """Return the keys of a profile."""
    return tables(top=profile.Profile, limits__NAME=limits.Limit, constants__NAME=profile.Constant)


def plan_tables() -> str:
    """Return the keys of a plan."""
    return tables(top=planfile.Plan, durations__STATE=planfile.Duration, waivers=planfile.Waiver)


def journal_tables() -> str:
    """Return every record of the journal."""
    (union, _) = typing.get_args(records.AnyRecord)
    found: dict[str, type[BaseModel]] = {m.model_fields["kind"].default: m for m in typing.get_args(union)}
    inner: dict[str, type[BaseModel]] = {
        "a case of `cases`": records.PlannedCase,
        "an entry of `left_out`": records.UnplannedCase,
    }
    parts = [f"### `{kind}`\n\n{fields(model)}" for kind, model in found.items()]
    return "\n".join([*parts, *(f"### {name}\n\n{fields(model)}" for name, model in inner.items())])


def cases() -> list[CaseInfo]:
    """Return every case of the catalogue, in the order of the groups."""
    found = []
    for path in sorted((ROOT / "test_plans").glob("test_*.py")):
        module = importlib.import_module(f"test_plans.{path.stem}")
        found += [value.rackproof for value in vars(module).values() if hasattr(value, "rackproof")]
    groups = list(GROUPS.values())
    return sorted(found, key=lambda info: (groups.index(info.group), info.number))


def catalogue() -> str:
    """Return the cases, group by group."""
    parts = []
    for group in GROUPS.values():
        rows = [_case(info) for info in cases() if info.group == group]
        parts.append(f"### {group.capitalize()}\n\n{table(['case', 'claim', 'state', 'for each', 'limits'], rows)}")
    return "\n".join(parts)


def _case(info: CaseInfo) -> list[str]:
    state = " after ".join(reversed(info.states))
    return [info.number, info.claim, state or "any", info.each or "the rack", ", ".join(f"`{n}`" for n in info.limits)]


def faults() -> str:
    """Return the faults of the emulated rack."""
    rows = []
    for name, fault in FAULTS.items():
        size = f"{fault.size:g} {fault.meaning}" if fault.meaning else ""
        rows.append([f"`{name}`", ", ".join(sorted(fault.places)), fault.text, size])
    return table(["fault", "at", "what happens", "size unless given"], rows)


def matrix() -> str:
    """Return what each fault does to the plan, and why."""
    rows = []
    for e in MATRIX:
        of = "" if e.generation == "gen-a" else f" ({e.generation})"
        besides = [f"{case}: {why}" for case, why in e.further.items()]
        open_ = [f"{case}: {why}" for case, why in e.undecided.items()]
        blame = f" Blamed on: {', '.join(sorted(e.blame))}." if e.blame else ""
        rows.append([f"`{e.spec}`{of}", e.first or "", "; ".join(besides), "; ".join(open_) + blame, e.verdict])
    return table(["fault", "fails", "fails besides", "leaves undecided", "verdict"], rows)


def models() -> str:
    """Return every model with its points."""
    return "\n".join(_model(name) for name in sorted(MODELS))


def _model(name: str) -> str:
    device = MODELS[name]
    rows = [[f"`{p.name}`", p.unit or "", p.doc] for p in device.points().values()]
    return f"### `{name}`\n\n{_paragraph(device.__doc__)} Kind: {device.kind}.\n\n{table(['point', 'unit', ''], rows)}"


def contracts() -> str:
    """Return what every device of a kind can tell."""
    rows = [[kind, ", ".join(f"`{n}`" + (f" {u}" if u else "") for n, u in c.items())] for kind, c in CONTRACTS.items()]
    return table(["kind", "points"], rows)


def workloads() -> str:
    """Return what can be started on hosts."""
    return table(["workload", "programs", "options, and their defaults"], map(_workload, WORKLOADS.items()))


def _workload(named: tuple[str, Workload]) -> list[str]:
    name, workload = named
    options = [f"`{key}`" if value is None else f"`{key}={value}`" for key, value in workload.options.items()]
    return [f"`{name}`", ", ".join(f"`{program}`" for program in workload.programs), ", ".join(options)]


def units() -> str:
    """Return the closed list of units."""
    return ", ".join(f"`{unit}`" for unit in sorted(UNITS | profile.DERIVED, key=str.casefold)) + "\n"


def commands() -> str:
    """Return every command with its arguments and examples."""
    parser = cli._parser()
    (subparsers,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return "\n".join(_command(name, sub) for name, sub in subparsers.choices.items())


def _command(name: str, parser: argparse.ArgumentParser) -> str:
    rows = [_argument(action) for action in parser._actions if action.dest != "help"]
    examples = "\n".join(line.strip() for line in cli.EXAMPLES[name].splitlines())
    about = _paragraph(parser.description)
    return f"### {name}\n\n{about}\n\n{table(['argument', 'means'], rows)}\n```sh\n{examples}\n```\n"


def _argument(action: argparse.Action) -> list[str]:
    taken = action.metavar or "" if action.nargs != 0 else ""
    names = " or ".join(action.option_strings) or str(action.metavar)
    choices = f"one of {', '.join(action.choices)}" if action.choices else ""
    return [f"`{f'{names} {taken}'.strip() if action.option_strings else names}`", action.help or choices]


PARTS: Mapping[str, Callable[[], str]] = {
    "calibration": calibration_tables,
    "cases": catalogue,
    "commands": commands,
    "contracts": contracts,
    "faults": faults,
    "inventory": inventory_tables,
    "journal": journal_tables,
    "matrix": matrix,
    "models": models,
    "plan": plan_tables,
    "profile": profile_tables,
    "units": units,
    "workloads": workloads,
}

_PART = re.compile(r"<!-- begin (\w+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)


def filled(text: str) -> str:
    """Return a page with its parts as the code has them now."""
    return _PART.sub(lambda m: f"<!-- begin {m[1]} -->\n\n{PARTS[m[1]]()}\n<!-- end {m[1]} -->", text)


def main() -> int:
    """Write the parts into the pages."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if filled(text) != text:
            path.write_text(filled(text), encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
