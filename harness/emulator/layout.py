"""Which devices, parts and cables an emulated rack has, by name; no addresses."""

from dataclasses import dataclass

from harness.emulator.generation import Generation
from harness.emulator.variation import dice

BMC_PORT = "eth0"
"""What everything on the management network calls its own port."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something with an address: the words of the inventory; `face` is how a meter is reached, "" for all others."""

    name: str
    model: str
    role: str
    owner: str
    slot: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part with the serial that a healthy rack answers, and where it came from."""

    slot: str
    serial: str
    part: str
    supplier: str
    lot: str
    origin: str


@dataclass(frozen=True, slots=True)
class Link:
    """A cable between a switch's port and what is plugged in at the far end, each as `device:port`."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One rack: its serial, devices, parts by slot and cables."""

    serial: str
    devices: list[Device]
    parts: dict[str, Part]
    links: list[Link]

    def far_end(self, switch: str, port: str) -> tuple[str, str] | None:
        """Return device and port at the far end of a switch's port, None where nothing is plugged in."""
        here = f"{switch}:{port}"
        for link in self.links:
            if here in (link.a, link.b):
                device, _, far = (link.b if link.a == here else link.a).partition(":")
                return device, far
        return None


_CODES = {"tray": "CT", "swtray": "ST", "shelf": "PS", "psu": "PU", "mgmt": "MS", "cdu": "CD", "pdu": "PD"}
_ORIGINS = {"tray": "TW", "swtray": "TW", "shelf": "CN", "psu": "CN", "mgmt": "MY", "cdu": "DE", "pdu": "PH"}


def slots(generation: Generation) -> dict[str, list[str]]:
    """Return the slots of each kind of part."""
    c = generation.counts
    trays = [f"tray{n:02}" for n in range(1, c.compute_trays + 1)]
    shelves = [f"shelf{n}" for n in range(1, c.shelves + 1)]
    return {
        "tray": trays,
        "swtray": [f"swtray{n}" for n in range(1, c.switch_trays + 1)],
        "shelf": shelves,
        "psu": [f"{shelf}.psu{n}" for shelf in shelves for n in range(1, c.psus_per_shelf + 1)],
        "mgmt": [f"mgmt{n}" for n in range(1, c.switches + 1)],
        "cdu": ["cdu"] if generation.liquid else [],
        "pdu": [f"pdu_{x}{n}" for n in range(1, c.pdus + 1) for x in "ab"[: c.feeds]],
    }


def lay_out(generation: Generation, serial: str, seed: int) -> Layout:
    """Lay out the rack `serial`: serials and lots follow from serial and seed."""
    by_kind = slots(generation)
    places = [(kind, slot) for kind, found in by_kind.items() for slot in found]
    parts = {slot: _part(kind, slot, serial, seed) for kind, slot in places}
    return Layout(serial, _devices(generation, by_kind), parts, _links(generation, by_kind))


def gpu_serial(rack: str, slot: str, n: int, seed: int) -> str:
    """Return the serial of GPU `n` of a tray: 13 digits, as nvidia-smi prints them."""
    return f"16{dice(seed, rack, slot, 'gpu', n).randrange(10**11):011}"


def _part(kind: str, slot: str, rack: str, seed: int) -> Part:
    number = dice(seed, rack, slot).randrange(10**8)
    lot = f"L26{dice(seed, kind, slot, 'lot').randrange(40, 46)}"
    code = _CODES[kind]
    return Part(slot, f"{code}{number:08}", f"900-{code}01-A", f"Emulated Works {code}", lot, _ORIGINS[kind])


def _devices(generation: Generation, by_kind: dict[str, list[str]]) -> list[Device]:
    feeds = [
        Device(f"feed_{x}", "wt300e", "feed_meter", "station", "", generation.feed.face(n))
        for n, x in enumerate("ab"[: generation.counts.feeds])
    ]
    shelves = [Device(slot, "entity-shelf", "power_shelf", "rack", slot) for slot in by_kind["shelf"]]
    shelves += [Device(slot, "apc-rpdu2", "pdu", "rack", slot) for slot in by_kind["pdu"]]
    cdu = [Device(slot, "entity-cdu", "cdu", "rack", slot) for slot in by_kind["cdu"]]
    switches = [Device(slot, "switch-mib", "switch", "rack", slot) for slot in by_kind["mgmt"]]
    bmcs = [Device(f"{slot}_bmc", "openbmc", "compute_bmc", "rack", slot) for slot in by_kind["tray"]]
    bmcs += [Device(f"{slot}_bmc", "ipmitool", "switch_bmc", "rack", slot) for slot in by_kind["swtray"]]
    hosts = [Device(f"{slot}_host", "nvidia-host", "compute_host", "rack", slot) for slot in by_kind["tray"]]
    hosts += [Device(f"{slot}_host", "linux-host", "switch_host", "rack", slot) for slot in by_kind["swtray"]]
    return feeds + shelves + cdu + switches + bmcs + hosts


def _links(generation: Generation, by_kind: dict[str, list[str]]) -> list[Link]:
    first, second = by_kind["mgmt"]
    trays = by_kind["tray"] + by_kind["swtray"]
    ends = [f"{slot}_bmc" for slot in trays] + by_kind["shelf"] + by_kind["pdu"] + by_kind["cdu"]
    links = [Link(f"{first}:Ethernet{n}", f"{end}:{BMC_PORT}") for n, end in enumerate(ends, 1)]
    links += [Link(f"{second}:Ethernet{n}", f"{slot}_host:{BMC_PORT}") for n, slot in enumerate(trays, 1)]
    start = generation.counts.ports_per_switch + 1
    uplinks = [f"Ethernet{n}" for n in range(start, start + generation.counts.uplinks)]
    return links + [Link(f"{first}:{port}", f"{second}:{port}") for port in uplinks]
