"""`nvidia-smi -q -x`: every GPU of a host, from nvsmi_device.dtd of driver 270 to v13 of driver 590; or its CSV.

Source: nvidia-smi(1) and the DTDs that the output names; read in public captures of drivers 270 to 590. What one driver
calls by another name stands in `FIGURES` as a further path; the first that says something counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools import nvidia_smi_csv
from drivers.hosts.tools.nvidia_smi_paths import COUNTERS, FIGURES, PARTS, PROTECTIVE
from drivers.hosts.tools.sheet import Sheet, count, present
from drivers.hosts.tools.xml_leaves import walk
from drivers.parsed import Figure, Parsed

Gpu = Mapping[str, str]
_ROOT = "nvidia_smi_log"
_SKIPPED = ("supported_clocks", "processes", "accounted_processes", "mig_devices", "vgpu")
_BROKEN = frozenset(("err!", "gpu is lost", "[gpu is lost]", "gpu requires reset", "[gpu requires reset]"))
_PENDING = ("row_remap_pending", "row_remap_failure", "retired_pages_pending", "sram_threshold_exceeded")
_REPAIR = ("channel_repair_pending", "tpc_repair_pending", "unrepairable_memory")
_REASONS = ("clocks_event_reasons", "clocks_throttle_reasons")


@dataclass
class _Log:
    about: dict[str, str] = field(default_factory=dict)
    gpus: list[dict[str, str]] = field(default_factory=list)

    def opened(self, path: tuple[str, ...]) -> None:
        if path[0] != _ROOT:
            raise Garbled("not a log of nvidia-smi", received=path[0])
        if path[1:] == ("gpu",):
            self.gpus.append({})
        elif path[1:2] == ("gpu",) and path[-1] == "mig_device" and self.gpus:
            self.gpus[-1]["mig_count"] = str(int(self.gpus[-1].get("mig_count", "0")) + 1)

    def leaf(self, path: tuple[str, ...], said: str) -> None:
        if path[1:2] != ("gpu",):
            self.about.setdefault("/".join(path[1:]), said)
        elif self.gpus and not (len(path) > 2 and path[2] in _SKIPPED):
            self.gpus[-1].setdefault("/".join(path[2:]), said)


def parse(output: bytes) -> Parsed:
    """Read the log, or a table of `--query-gpu`. Raises Garbled.

    `bad` where it reports a GPU as lost, in error, or in need of a reset or repair.
    """
    if b"no devices were found" in output[:300].lower():
        return Parsed("nvidia-smi", "none", (Figure("gpu_count", 0, "1", output.decode("utf-8", "replace").strip()),))
    if not output.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return nvidia_smi_csv.parse(output)
    log, sheet = _Log(), Sheet()
    walk(output, log.opened, log.leaf)
    if not log.gpus and "attached_gpus" not in log.about:
        raise Garbled("a log without GPUs and without their number", received=output[:300].decode("utf-8", "replace"))
    _about(sheet, log)
    for index, gpu in enumerate(log.gpus):
        _gpu(sheet, f"gpu[{index}]", gpu)
        if "driver_version" in log.about:
            sheet.add(f"gpu[{index}].driver_version", log.about["driver_version"])
    return sheet.parsed("nvidia-smi", _complaints(sheet, log), version=log.about.get("driver_version") or None)


def _about(sheet: Sheet, log: _Log) -> None:
    sheet.put(Figure("gpu_count", len(log.gpus), "1", log.about.get("attached_gpus", str(len(log.gpus)))))
    if "attached_gpus" in log.about:
        sheet.add("attached_gpus", log.about["attached_gpus"], count, "1")
    for name in ("driver_version", "cuda_version", "timestamp"):
        if name in log.about:
            sheet.add(name, log.about[name])


def _gpu(sheet: Sheet, scope: str, gpu: Gpu) -> None:
    for name, paths, read, unit in FIGURES:
        raw = _first(gpu, paths)
        if raw is not None:
            sheet.add(f"{scope}.{name}", raw, read, unit)
    _throttle(sheet, scope, gpu)
    for age, suffix in (("volatile", ""), ("aggregate", "_aggregate")):
        for part in PARTS:
            if (said := gpu.get(_ecc(age, part))) is not None:
                sheet.add(f"{scope}.ecc_{part}{suffix}", said, count, "1")
        for kind, names in COUNTERS.items():
            _summed(sheet, f"{scope}.ecc_{kind}{suffix}", {n: p for n in names if (p := gpu.get(_ecc(age, n)))})


def _ecc(age: str, name: str) -> str:
    return f"ecc_errors/{age}/{name}"


def _first(gpu: Gpu, paths: tuple[str, ...]) -> str | None:
    """Return what the first of the paths says that says something; what the first says where none does."""
    said = [gpu[path] for path in paths if path in gpu]
    return next((text for text in said if _says(text)), said[0] if said else None)


def _says(text: str) -> bool:
    try:
        present(text)
    except NoReading:
        return False
    except Garbled:
        return True
    return True


def _summed(sheet: Sheet, name: str, parts: Mapping[str, str]) -> None:
    """Add a count that newer drivers print in parts; one part that is none makes the sum none."""
    if parts:
        raw = ", ".join(f"{part} {said}" for part, said in parts.items())
        sheet.add(name, raw, lambda _: sum(count(said) for said in parts.values()), "1")


def _throttle(sheet: Sheet, scope: str, gpu: Gpu) -> None:
    states: dict[str, str] = {}
    for path, said in gpu.items():
        group, _, reason = path.partition("/")
        if group in _REASONS and (reason or said):
            states[reason.removeprefix(f"{group[:-1]}_")] = said
    if not states:
        return
    protective = {reason: said for reason, said in states.items() if reason in PROTECTIVE or not reason}
    raw = ", ".join(f"{reason} {said}" for reason, said in states.items())
    sheet.add(f"{scope}.throttle", raw[:200], _active(protective))
    sheet.add(f"{scope}.clock_reasons", raw[:200], _active(states))


def _active(states: Mapping[str, str]) -> Callable[[Any], str]:
    def read(_raw: Any) -> str:
        for said in states.values():
            if present(said) not in ("Active", "Not Active"):
                raise Garbled("neither Active nor Not Active", received=said)
        if not states:
            raise NoReading("no reason that protects is listed")
        return ",".join(reason for reason, said in states.items() if said == "Active")

    return read


def _complaints(sheet: Sheet, log: _Log) -> Iterator[str]:
    for index, gpu in enumerate(log.gpus):
        for path, said in gpu.items():
            if said.lower() in _BROKEN:
                yield f"gpu[{index}]: {path}: {said}"
        yield from _unsound(sheet, f"gpu[{index}]")
    yield from (f"{name}: yes" for name in sheet.true(*_PENDING, *_REPAIR))


def _unsound(sheet: Sheet, scope: str) -> Iterator[str]:
    for name, sound in (("recovery_action", "None"), ("fabric_status", "Success"), ("fabric_health", "Healthy")):
        said = sheet.value(f"{scope}.{name}")
        if said is not None and said != sound:
            yield f"{scope}.{name}: {said}"
