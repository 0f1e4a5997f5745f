"""Outputs of the tools that tell of a baseboard management controller, by name of the tool."""

import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from drivers.bmcs import ipmi_fru, ipmi_sdr, ipmi_sel, ipmi_status
from drivers.bmcs.obmcutil import state_items
from drivers.bmcs.openbmc_outputs import dbus_figures
from drivers.errors import Garbled, NoReading
from drivers.parsed import Figure, Parsed, Parser, text
from drivers.points import Item


def _lines(output: bytes) -> Iterator[str]:
    """Yield line by line, so that no second copy of the output is held."""
    for line in io.BytesIO(output):
        yield text(line)


def _items(scope: str, read: Callable[[Iterable[str]], Iterable[Item]], output: bytes) -> Iterator[Figure]:
    """Read items as figures; equal texts and values are kept once."""
    kept: dict[str, str] = {}
    for item in read(_lines(output)):
        raw = kept.setdefault(item.raw, item.raw)
        value = raw if item.value == raw else item.value
        name = Figure.of(scope, item).name if scope else str(item.quantity)
        yield Figure(name, value, item.unit, raw, item.reason)


def _sel(output: bytes) -> Iterator[Figure]:
    found = ipmi_sel.Summary()
    if not output.strip():
        raise Garbled("nothing in it: an empty log says so, on its standard error", received="")
    for event in ipmi_sel.events(_lines(output)):
        found.add(event)
        yield from _event(event, found.entries)
    critical, standing = found.critical or [], found.standing or {}
    yield Figure("entries", found.entries, "1", str(found.entries))
    yield Figure("critical", len(critical), "1", "\n".join(critical))
    yield Figure("critical_standing", len(standing), "1", "\n".join(standing.values()))
    yield Figure("in_order", found.in_order, None, f"{found.timeless} entries without a time")
    yield Figure("cleared_at_entry", found.cleared or None, None, found.cleared, None if found.cleared else _NEVER)


_NEVER = "no entry says that the log was cleared"


def _event(event: ipmi_sel.Event, place: int) -> Iterator[Figure]:
    scope = f"entry[{place}]"
    try:
        yield Figure(f"{scope}.time", event.time(), None, event.raw)
    except NoReading as error:
        yield Figure(f"{scope}.time", None, None, event.raw, error.what)
    said = " | ".join(part for part in (event.sensor, event.event, event.direction, event.detail) if part)
    yield Figure(f"{scope}.event", said, None, event.raw)


def _whole(read: Callable[[str], Iterable[Item]]) -> Callable[[Iterable[str]], Iterable[Item]]:
    return lambda lines: read("".join(lines))


def _parser(tool: str, figures: Callable[[bytes], Iterator[Figure]]) -> Parser:
    return lambda output: Parsed(tool, "none", tuple(figures(output)))


_FIGURES: dict[str, Callable[[bytes], Iterator[Figure]]] = {
    "busctl": lambda output: dbus_figures(text(output)),
    "ipmitool-chassis": partial(_items, "", ipmi_status.chassis_items),
    "ipmitool-dcmi": partial(_items, "", _whole(ipmi_status.dcmi_items)),
    "ipmitool-fru": partial(_items, "fru", ipmi_fru.fru_items),
    "ipmitool-lan": partial(_items, "", ipmi_status.lan_items),
    "ipmitool-mc": partial(_items, "", ipmi_status.mc_items),
    "ipmitool-sdr": partial(_items, "sensor", ipmi_sdr.sensor_items),
    "ipmitool-sel": _sel,
    "ipmitool-sensor": partial(_items, "sensor", ipmi_sdr.threshold_items),
    "obmcutil": partial(_items, "", state_items),
}

BMC_OUTPUTS: dict[str, Parser] = {tool: _parser(tool, figures) for tool, figures in _FIGURES.items()}
