"""Outputs of the tools that tell of a baseboard management controller, by name of the tool."""

import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from drivers.bmcs import ipmi_fru, ipmi_sdr, ipmi_sel, ipmi_status
from drivers.bmcs.obmcutil import state_items
from drivers.bmcs.openbmc_outputs import dbus_figures
from drivers.errors import Garbled, NoReading
from drivers.parsed import Figure, Parsed, Parser, Reread, text
from drivers.points import Item


def _lines(output: bytes) -> Iterator[str]:
    """Yield line by line, so that no second copy of the output is held."""
    for line in io.BytesIO(output):
        yield text(line)


def _items(scope: str, read: Callable[[Iterable[str]], Iterable[Item]], output: bytes) -> Iterator[Figure]:
    for item in read(_lines(output)):
        name = Figure.of(scope, item).name if scope else str(item.quantity)
        yield Figure(name, item.value, item.unit, item.raw, item.reason)


def _sel(output: bytes) -> Iterator[Figure]:
    found = ipmi_sel.Summary()
    for event in ipmi_sel.events(_lines(output)):
        found.add(event)
        yield from _event(event, found.entries)
    yield Figure("entries", found.entries, "1", str(found.entries))
    yield Figure("critical", found.critical, "1", "\n".join(found.severe))
    if not found.entries and b"no entries" not in output.lower():
        raise Garbled("no line of `ipmitool sel`: an empty log says that it is, on standard error", received="")
    standing = list(found.standing.values())
    yield Figure("critical_standing", len(standing), "1", "\n".join(standing[: ipmi_sel.MOST_SHOWN]))
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


LONG = 2**20
"""Bytes from which on figures are read again instead of kept."""


def _parser(tool: str, figures: Callable[[bytes], Iterator[Figure]]) -> Parser:
    def parse(output: bytes) -> Parsed:
        return Parsed(tool, "none", tuple(figures(output)) if len(output) < LONG else Reread(output, figures))

    return parse


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
