"""Measurements as CSV, read back by a CSV reader."""

import csv
import io

from harness.run import Run
from reports import csv_report


def rows(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csv_report.lines(run)), newline="")))


def test_every_measurement_is_a_line_with_value_unit_and_limit(rejected: Run) -> None:
    found = rows(rejected)
    assert sum(bool(row["name"]) for row in found) == len(rejected.measurements)
    (failed,) = [row for row in found if row["name"] == "gpu_temperature"]
    assert (failed["value"], failed["unit"], failed["high"], failed["judged"]) == ("81.0", "degC", "75.0", "fail")
    assert failed["serial"] == rejected.start.serial


def test_a_case_without_a_measurement_is_not_left_out(killed: Run) -> None:
    assert {row["case"] for row in rows(killed)} == set(killed.cases)


def test_what_devices_say_is_no_formula_and_breaks_no_line(hostile: Run) -> None:
    found = rows(hostile)
    assert all(set(row) == set(csv_report.COLUMNS) for row in found)
    texts = ("case", "name", "where", "expected", "source", "reason", "limit_source", "requirement")
    assert not any(row[name].startswith(("=", "+", "-", "@")) for row in found for name in texts)
