"""Our own load for GPUs: matrix products and memory copies in PyTorch, checked against known products.

The host gets `gemm_on_host.py` as it stands; what that writes is read here. FLOP are 2 n^3 a product, bytes are
those read and those written.
"""

from importlib import resources
from typing import Any

from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of
from drivers.workloads.json_output import Number, documents, listing, names, wanted, word, written

_KEYS = names(
    "event device where precision products copies wrong differing flop bytes seconds flop_per_s bytes_per_s "
    "energy_j power_w energy_rule torch script_sha256 devices errors power_error reason checksum size"
)
NO_ENERGY = "there were too few samples of the power"


def script() -> str:
    """Return the program for the host."""
    return resources.files(__package__).joinpath("gemm_on_host.py").read_text("utf-8")


def parse(output: bytes) -> Parsed:
    """Read what the program wrote. Raises Garbled where no line is its, or one is cut."""
    reader = _Reader()
    for line in lines(output):
        if line.lstrip().startswith("{"):
            for found, _ in documents(line.encode(), wanted(_KEYS)):
                reader.event(found)
        elif "Error" in line or "Traceback" in line:
            reader.found.bad(line.strip())
    if not reader.events:
        raise no_output_of("gemm", output)
    return reader.parsed()


class _Reader:
    def __init__(self) -> None:
        self.found, self.events = Findings("gemm"), set[str]()
        self.version: str | None = None
        self.devices = 0
        self.parts: dict[str, int] = {}

    def event(self, found: Any) -> None:
        if not isinstance(found, dict) or "event" not in found:
            return
        kind = word(found["event"], "event")
        self.events.add(kind)
        if found.get("where") == "cpu":
            self.found.unverified("it ran on processors: of GPUs this says nothing")
        if kind in {"gemm", "memory"}:
            self._part(kind, found)
        elif kind == "start":
            self._start(found)
        elif kind == "refused":
            self.found.bad(f"refused: {word(found.get('reason'), 'reason')}")
        elif kind == "end":
            for error in listing(found.get("errors"), "errors"):
                self.found.bad(word(error, "error"))

    def _start(self, found: dict[str, Any]) -> None:
        self.version = word(found.get("torch"), "torch")
        self.devices = len(listing(found.get("devices"), "devices"))
        self.found.figure("devices", str(self.devices))
        self.found.state("script_sha256", word(found.get("script_sha256"), "script_sha256"))

    def _part(self, kind: str, told: dict[str, Any]) -> None:
        what = word(told.get("precision"), "precision") if kind == "gemm" else "copy"
        scope = f"device[{written(told.get('device'), 'device')}].{what}"
        self.parts[what] = self.parts.get(what, 0) + 1
        key, unit = ("flop_per_s", "FLOP/s") if kind == "gemm" else ("bytes_per_s", "B/s")
        rate = "speed" if kind == "gemm" else "bandwidth"
        self.found.speed(f"{scope}_{rate}", written(told.get(key), key), unit, "1")
        self.found.figure(f"{scope}_time", written(told.get("seconds"), "seconds"), "s")
        for key, name, unit in (("energy_j", "energy", "J"), ("power_w", "power", "W")):
            self._measured(f"{scope}_{name}", told.get(key), unit)
        for key in ("wrong", "differing"):
            if key in told or kind == "gemm":
                self._checked(scope, key, written(told.get(key), key))

    def _measured(self, name: str, value: Any, unit: str) -> None:
        if isinstance(value, Number):
            self.found.figure(name, value, unit)
        else:
            self.found.missing(name, unit, "null", NO_ENERGY)

    def _checked(self, scope: str, key: str, raw: str) -> None:
        count = self.found.figure(f"{scope}_{key}", raw)
        if count:
            what = "elements are wrong" if key == "wrong" else "looks found another product than the first"
            self.found.bad(f"{scope}: {raw} {what}")

    def parsed(self) -> Parsed:
        if "refused" not in self.events:
            if not {"start", "end"} <= self.events:
                self.found.bad("it did not end")
            if "copy" not in self.parts or len(self.parts) == 1:
                self.found.bad("a part of the work is missing")
            if any(count != self.devices for count in self.parts.values()):
                self.found.bad("a device did not do all parts")
        return self.found.parsed(self.version)
