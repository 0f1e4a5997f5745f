"""The rack drawn slot by slot, each with the worst that a case said about a device in it."""

import re

from harness.records import DeviceMissing, DeviceSeen
from harness.run import Run
from reports.markup import esc, mark
from reports.sentences import TONES, Tone

_ORDER: tuple[Tone, ...] = ("none", "pass", "open", "fail")
_SAID: dict[Tone, str] = {"none": "no case", "pass": "passed", "open": "not decided", "fail": "failed"}


def elevation(run: Run) -> str:
    """Return the slots in their order; "" where no device says in which slot it is."""
    slots: dict[str, list[DeviceSeen | DeviceMissing]] = {}
    devices: list[DeviceSeen | DeviceMissing] = [*run.seen.values(), *run.missing.values()]
    for device in devices:
        if device.slot is not None:
            slots.setdefault(device.slot, []).append(device)
    tones = _tones(run)
    items = "".join(_slot(slot, slots[slot], tones) for slot in sorted(slots, key=_natural))
    return f'<ul class=rack aria-label="Slots of the rack, each with its worst case">{items}</ul>\n' if items else ""


def _tones(run: Run) -> dict[str, Tone]:
    found: dict[str, Tone] = dict.fromkeys(run.missing, "open")
    for case in run.cases.values():
        concerned = {*case.devices} | ({case.planned.device} if case.planned.device else set())
        for name in concerned:
            found[name] = max(found.get(name, "none"), TONES[case.outcome], key=_ORDER.index)
    return found


def _slot(slot: str, devices: list[DeviceSeen | DeviceMissing], tones: dict[str, Tone]) -> str:
    worst = max((tones.get(d.name, "none") for d in devices), key=_ORDER.index)
    named = ", ".join(f"{d.name} {_SAID[tones.get(d.name, 'none')]}" for d in devices)
    return (
        f'<li class=slot-{worst} title="{esc(named)}">{mark(worst)}{esc(slot)}<span class=vh>: {esc(named)}</span></li>'
    )


def _natural(slot: str) -> list[tuple[bool, int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", slot)
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]
