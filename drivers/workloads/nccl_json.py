"""The JSON of nccl-tests (`-J`, versions 1 and 2 of `src/util.cu`: read)."""

from typing import Any

from drivers.parsed import Parsed
from drivers.workloads.findings import Findings, no_output_of
from drivers.workloads.json_output import Number, documents, handed_over, listing, mapping, names, taken, word, written
from drivers.workloads.nccl_rows import Row, Side, Table

_KEYS = names(
    "results size count type redop root out_of_place in_place time cpu_time alg_bw bus_bw nwrong out_of_bounds "
    "okay average_bus_bandwidth bandwidth errors config validation devices rank"
)


def parse_json(tool: str, output: bytes) -> Parsed:
    """Read a report. Raises Garbled where it is cut, or no report of nccl-tests."""
    found, table = Findings(tool), Table()
    trim = handed_over(_KEYS, frozenset({"size", "count"}), lambda row: table.add(_row(row)))
    report = next(document for document, _ in documents(output, trim))
    if not isinstance(report, dict) or "results" not in report:
        raise no_output_of(tool, output)
    taken(report["results"], "results")
    config = mapping(report.get("config", {}), "config")
    if "validation" in config:
        table.validated = written(config["validation"], "validation") != "0"
    found.figure("ranks", str(len(listing(config.get("devices", []), "devices"))))
    table.write(found)
    _judge(found, report)
    return found.parsed()


def _row(row: dict[str, Any]) -> Row:
    kind = tuple(word(row[key], key).strip() for key in ("type", "redop", "root") if key in row)
    sides = [_side(row.get(key), key) for key in ("out_of_place", "in_place")]
    return Row(written(row.get("size"), "size"), kind, sides[0], sides[1])


def _side(value: Any, what: str) -> Side | None:
    if value is None:
        return None
    side = mapping(value, what)
    time = side.get("time", side.get("cpu_time"))
    wrong = None if side.get("nwrong") is None else written(side["nwrong"], "nwrong")
    figures = [v if v == "nan" else written(v, what) for v in (time, side.get("alg_bw"), side.get("bus_bw"))]
    return Side(figures[0], figures[1], figures[2], wrong)


def _judge(found: Findings, report: dict[str, Any]) -> None:
    bounds = mapping(report.get("out_of_bounds", {}), "out_of_bounds")
    average = mapping(report.get("average_bus_bandwidth", {}), "average_bus_bandwidth")
    if bounds.get("okay") != "true":
        found.bad(f"values out of bounds: {bounds.get('count', 'not told')}")
    if isinstance(bounds.get("count"), Number):
        found.figure("out_of_bounds", str(bounds["count"]))
    if isinstance(average.get("bandwidth"), Number):
        found.figure("average_bus.bandwidth", str(average["bandwidth"]), "B/s", "1e9")
    else:
        found.bad("there is no average bus bandwidth")
    if average.get("okay") == "false":
        found.bad("the average bus bandwidth is below the least that was asked for")
    for error in listing(report.get("errors", []), "errors"):
        if error:
            found.bad(f"error: {error}")
