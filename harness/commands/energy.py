"""`rackproof energy`: mean power and energy of a window of a power log, by rules that have names."""

import json
import sys
from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness.datafile import DataError
from harness.energy import csv_log, moments, ptdaemon
from harness.energy.plateaus import PlateauRule
from harness.energy.power_log import PowerLog
from harness.energy.summary import Asked, shape_of, summarise
from harness.energy.validity import Policy

SCHEMA = "rackproof.energy/1"


def main(arguments: Namespace) -> int:
    """Read the log, print its figures; 1 where the window is not valid."""
    policy = Policy(fewest_samples=arguments.min_samples, longest_gap_s=arguments.max_gap)
    asked = Asked(arguments.begin, arguments.end, arguments.window, arguments.rule, policy)
    log = _read(arguments)
    result = summarise(log, asked)
    if arguments.shape:
        result["shape"] = shape_of(log, asked, PlateauRule())
    result = {"schema": SCHEMA, "file": str(arguments.file), "format": arguments.format, **result}
    text = json.dumps(result, allow_nan=False, indent=1) + "\n" if arguments.json else as_text(result)
    sys.stdout.write(text)
    return 0 if result["valid"] else 1


def _read(arguments: Namespace) -> PowerLog:
    offset = _offset(arguments.utc_offset)
    path, data = str(arguments.file), Path(arguments.file).read_bytes()
    if arguments.format == "ptdaemon":
        return ptdaemon.read(path, data, arguments.column, offset, arguments.mark)
    if arguments.mark is not None:
        raise DataError("--mark chooses lines of a ptdaemon log; a csv has none")
    return csv_log.read(path, data, arguments.column, offset)


def _offset(text: str) -> timedelta:
    try:
        return moments.utc_offset(text)
    except ValueError as error:
        raise DataError(f"--utc-offset: {error}") from None


def as_text(result: dict[str, Any]) -> str:
    """Return the figures for people: a line each, the unit always beside them."""
    window, samples = result["window"], result["samples"]
    lines = [
        f"{result['file']} ({result['format']}), {result['column']}",
        f"window       {window['begin']} to {window['end']}, {window['length']['value']:g} s, {window['kind']}",
        f"samples      {'-' if samples['used'] is None else samples['used']} used of {samples['in_file']}",
        f"mean power   {_shown(result['mean_power'])}  ({result['mean_power']['rule']})",
    ]
    for name, both in result["energy_by_rule"].items():
        mark = " *" if name == result["rule"] else ""
        figures = "-" if both["J"] is None else f"{both['J']:.12g} J  {both['Wh']:.12g} Wh"
        lines.append(f"energy       {name:10} {figures}{mark}")
    lines.append(f"largest gap  {_shown(result['largest_gap'])}")
    lines.append("valid" if result["valid"] else "NOT VALID")
    lines += [f"  {reason['code']}: {reason['text']}" for reason in result["reasons"]]
    lines += [f"  note, {reason['code']}: {reason['text']}" for reason in result["warnings"]]
    return "\n".join([*lines, *_shape(result.get("shape"))]) + "\n"


def _shape(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    lines = [f"peak over {peak['over']['value']:g} s: {_shown(peak)}{_why(peak)}" for peak in found["peaks"]]
    ramp = found["ramp"]
    seen = "" if "reason" in ramp else f" rise {ramp['rise']:.6g} W/s, fall {ramp['fall']:.6g} W/s"
    lines.append(f"ramp over 1 s:{seen or _why(ramp)}")
    plateaus = [(p["begin"], _shown(p["length"]), _shown(p["mean_power"])) for p in found["plateaus"]]
    return lines + [f"plateau from {begin}: {length} at {power}" for begin, length, power in plateaus]


def _why(figure: dict[str, Any]) -> str:
    return f" {figure['reason']}" if "reason" in figure else ""


def _shown(figure: dict[str, Any]) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.12g} {figure['unit']}"
