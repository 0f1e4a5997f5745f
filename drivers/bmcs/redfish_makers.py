"""What makers do in their own way behind Redfish: data, looked up by what a service says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.redfish_values import entry, text

Pointer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """How one maker's services differ.

    `words` are in Vendor, Product or Manufacturer, or are the name under Oem (lower case). `part` are the properties
    of the system that may be its part number. `not_events` are logs that hold no events of the hardware, by Id.
    `settled` are the properties of an entry that are true once it no longer stands. `board` begins the Ids of what is
    a board inside of the whole and never the whole. `source` says where this stands, and whether it was read there.
    """

    name: str
    words: tuple[str, ...]
    source: str
    part: tuple[str, ...] = ("PartNumber",)
    not_events: frozenset[str] = frozenset()
    settled: tuple[Pointer, ...] = (("Resolved",),)
    board: str = ""


ANY = Maker("any", (), "DMTF DSP0268")

MAKERS = (
    Maker(
        "dell",
        ("dell",),
        "read: iDRAC captures in public repositories; its Lifecycle log repeats the SEL and adds who logged in",
        not_events=frozenset({"lclog", "faultlist"}),
    ),
    Maker(
        "hpe",
        ("hpe", "hp", "hewlett packard"),
        "read: servermanagementportal.ext.hpe.com, iLO 5 resource definitions (SKU is the product number; Repaired)",
        part=("PartNumber", "SKU"),
        not_events=frozenset({"iel", "sl", "event"}),
        settled=(("Resolved",), ("Oem", "Hpe", "Repaired"), ("Oem", "Hp", "Repaired")),
    ),
    Maker(
        "lenovo",
        ("lenovo",),
        "recalled: XCC keeps one stream of events in several logs; ActiveLog holds those that stand now",
        part=("PartNumber", "SKU"),
        not_events=frozenset({"auditlog", "servicelog", "maintenancelog"}),
    ),
    Maker(
        "nvidia",
        ("nvidia", "gb200", "gb300", "hgx", "dgx"),
        "read: captures of GB300 NVL in a public repository; docs.nvidia.com, DPS, Redfish API (HGX_Baseboard_0)",
        not_events=frozenset({"debugtokens"}),
        board="HGX_",
    ),
    Maker("supermicro", ("supermicro", "super micro"), "read: captures of X10 and GB300 in a public repository"),
    Maker("ami", ("american megatrends", "ami"), "recalled: MegaRAC of ASRock Rack, Gigabyte and others"),
    Maker("openbmc", ("openbmc",), "read: github.com/openbmc/bmcweb"),
)

BOARDS = tuple(maker.board for maker in MAKERS if maker.board)
"""Ids begin so, whoever sells the machine: NVIDIA's boards are in everybody's trays."""

NOT_EVENTS = ("dump", "crash", "postcode", "audit", "journal", "hostlogger", "security", "debug", "telemetry")
"""Parts of the Ids of logs that hold no events of the hardware, at any maker."""


_NO_HARDWARE = frozenset({"Security", "Telemetry", "ExternalEntity"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a service says about who made it."""

    root: Any
    system: Any = field(default_factory=dict)


def maker(seen: Seen) -> Maker:
    """Return whose service it is; what nobody claims is read as the schema says.

    >>> maker(Seen({"Vendor": "Dell"})).name, maker(Seen({"Vendor": "Contoso"})).name
    ('dell', 'any')
    """
    said = " ".join(
        [text(seen.root, "Vendor"), text(seen.root, "Product"), text(seen.system, "Manufacturer"), *_oem(seen.root)]
    ).lower()
    words = set(said.replace(",", " ").split())
    fitting = (m for m in MAKERS if any(w in words if " " not in w else w in said for w in m.words))
    return next(fitting, ANY)


def _oem(root: Any) -> list[str]:
    found = entry(root, "Oem")
    return list(found) if isinstance(found, Mapping) else []


def is_board(id_: str) -> bool:
    """Tell whether a resource is a board inside of the whole, by its Id.

    >>> is_board("HGX_Baseboard_0"), is_board("System_0")
    (True, False)
    """
    return id_.startswith(BOARDS)


def holds_events(service: Any, id_: str, whose: Maker) -> bool:
    """Tell whether a LogService holds events of the hardware (LogEntryType, LogPurposes, else its Id)."""
    purposes = entry(service, "LogPurposes")
    if isinstance(purposes, list) and purposes and set(map(str, purposes)) <= _NO_HARDWARE:
        return False
    known = id_.lower()
    return known not in whose.not_events and not any(word in known for word in NOT_EVENTS)
