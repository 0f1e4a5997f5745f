"""Record judged measurements with OpenHTF, in an environment of its own; imports nothing of ours.

A test of 1,000 measurements with limits, its record written once as JSON when the test is over: OpenHTF makes nothing
durable before. Prints JSON: µs a measurement, best of five, by the number of measurements in a phase.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import openhtf
from openhtf.output.callbacks import json_factory

MEASUREMENTS = 999
IN_A_PHASE = (3, 9, 999)


def _phase(count: int) -> Any:
    names = [f"power{n}" for n in range(count)]

    def measure(test: Any) -> None:
        for name in names:
            test.measurements[name] = 100.0

    limits = [openhtf.Measurement(name).in_range(0, 150) for name in names]
    return openhtf.measures(*limits)(measure)


def _timed(count: int, path: Path) -> float:
    test = openhtf.Test(*[_phase(count)] * (MEASUREMENTS // count))
    test.add_output_callbacks(json_factory.OutputToJSON(str(path)))
    begin = time.perf_counter()
    test.execute(test_start=lambda: "S1")
    return (time.perf_counter() - begin) / MEASUREMENTS * 1e6


def main(folder: Path) -> None:
    found = {str(count): min(_timed(count, folder / "openhtf.json") for _ in range(5)) for count in IN_A_PHASE}
    sys.stderr.write(json.dumps({"version": openhtf.__version__, "us": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
