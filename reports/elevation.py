"""The rack as one looks at it: its slots in groups, each with the worst that a case said about it."""

import re
from dataclasses import dataclass, field

from harness.figures import clean, natural
from harness.records import DeviceMissing, DeviceSeen, Measurement
from harness.run import Case, Run
from harness.wording import words
from reports.markup import esc, mark
from reports.sentences import OUTCOME_TONES, TONES, Tone

_ORDER: tuple[Tone, ...] = ("none", "pass", "open", "fail")
_SAID: dict[Tone, str] = {"none": "no case", "pass": "passed", "open": "not decided", "fail": "failed"}
_LONGEST_LABEL = 5
_MOST_CASES = 4

_GROUPS = {
    "Switches": ("M", {"switch"}),
    "Power shelves": ("S", {"power_shelf"}),
    "Compute trays": ("T", {"compute_host", "compute_bmc", "compute_tray"}),
    "Switch trays": ("W", {"switch_host", "switch_bmc", "switch_tray"}),
    "Power strips": ("P", {"pdu"}),
    "Coolant": ("C", {"cdu", "cooling"}),
}
"""Groups from the top of the rack to its foot: title, letter of their slots, roles of the devices in them."""


@dataclass
class _Slot:
    """A place in the rack: the devices in it, and what cases said about them."""

    name: str
    devices: dict[str, str] = field(default_factory=dict)
    tones: list[Tone] = field(default_factory=list)
    concerned: dict[str, Tone] = field(default_factory=dict)

    @property
    def worst(self) -> Tone:
        return max(self.tones, key=_ORDER.index, default="none")

    def take(self, tone: Tone, case: str) -> None:
        self.tones.append(tone)
        if tone in ("fail", "open"):
            self.concerned[case] = tone

    def holds(self, where: str | None) -> bool:
        """Tell whether words that say where begin with this slot or a device in it."""
        first = (where or "").partition(" ")[0]
        return bool(first) and (first == self.name or first in self.devices)


def elevation(run: Run) -> str:
    """Return the rack as a list of slots for each group; "" where no device says in which slot it is."""
    slots = _slots(run)
    for case in run.cases.values():
        _tell(slots, case)
    groups: dict[str, list[_Slot]] = {}
    for slot in sorted(slots.values(), key=lambda s: natural(s.name)):
        groups.setdefault(_group(slot), []).append(slot)
    order = [*_GROUPS, *(title for title in groups if title not in _GROUPS)]
    drawn = "".join(_drawn(title, groups[title]) for title in order if title in groups)
    name = "Slots of the rack, each with its worst case"
    return f'<div class=rack role=group aria-label="{name}">{drawn}</div>\n' if drawn else ""


def _slots(run: Run) -> dict[str, _Slot]:
    found: dict[str, _Slot] = {}
    devices: list[DeviceSeen | DeviceMissing] = [*run.seen.values(), *run.missing.values()]
    for device in devices:
        if device.slot is not None:
            found.setdefault(device.slot, _Slot(device.slot)).devices[device.name] = device.role
            if device.name in run.missing:
                found[device.slot].tones.append("open")
    return found


def _tell(slots: dict[str, _Slot], case: Case) -> None:
    """Hand a case to the slot that it is about; one about the whole rack speaks through measurements that say where."""
    for slot in slots.values():
        if case.planned.device in slot.devices:
            slot.take(TONES[case.outcome], case.planned.case)
        elif case.planned.device is None:
            for m in case.measurements:
                _tell_measured(slot, m)


def _tell_measured(slot: _Slot, m: Measurement) -> None:
    if slot.holds(m.where):
        slot.take(OUTCOME_TONES[m.outcome], m.case)


def _group(slot: _Slot) -> str:
    roles = set(slot.devices.values())
    known = (title for title, (_, of_group) in _GROUPS.items() if roles & of_group)
    return next(known, words(min(roles)).capitalize())


def _drawn(title: str, slots: list[_Slot]) -> str:
    letter = _GROUPS[title][0] if title in _GROUPS else ""
    labels = [_label(slot.name, letter) for slot in slots]
    if len(set(labels)) < len(labels):
        labels = [clean(slot.name) for slot in slots]
    items = "".join(_item(slot, label) for slot, label in zip(slots, labels, strict=True))
    return f'<div class=bay><p>{esc(title)}</p><ul aria-label="{esc(title)}">{items}</ul></div>'


def _label(name: str, letter: str) -> str:
    """Return a short name: the letter of the group and the number that the name ends with.

    >>> _label("tray07", "T"), _label("cdu", "C")
    ('T07', 'CDU')
    """
    number = re.search(r"[0-9]+$", name)
    if letter and number and len(number[0]) < _LONGEST_LABEL:
        return letter + number[0]
    return name.upper() if len(name) < _LONGEST_LABEL else name


def _item(slot: _Slot, label: str) -> str:
    full = esc(f"{slot.name}: {_said(slot)}; {', '.join(slot.devices)}")
    return (
        f'<li class=slot-{slot.worst} title="{full}">{mark(slot.worst)}<span aria-hidden=true>{esc(label)}</span>'
        f"<span class=vh>{full}</span></li>"
    )


def _said(slot: _Slot) -> str:
    worst = [case for case, tone in slot.concerned.items() if tone == slot.worst]
    more = [f"and {len(worst) - _MOST_CASES} more"] if len(worst) > _MOST_CASES else []
    named = ", ".join(worst[:_MOST_CASES] + more)
    return f"{_SAID[slot.worst]} ({named})" if named else _SAID[slot.worst]
