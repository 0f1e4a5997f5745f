"""Network and cabling: every cable is where the plan says, at its speed, without errors, with light to spare."""

from collections.abc import Sequence

from harness.plan import Dwell, Fact, Measure, Rack, RackDevice, Reading, case, needs, told


@case("NET-001", each="switch")
@needs("switch.neighbor[*].system", "switch.neighbor[*].port")
def test_cabling(rack: Rack, device: RackDevice, measure: Measure) -> None:
    """At the far end of every cable is the device and port that the cable map says."""
    readings = {reading.name: reading for reading in device.read("neighbor[*].system", "neighbor[*].port")}
    for port, cable in rack.links_of(device.name).items():
        names = [f"neighbor[{port}].{what}" for what in ("system", "port")]
        found = [readings[name] for name in names if name in readings]
        measure("cabling", _far_end(found, " ".join(cable), device), where=f"{device.slot} {port}")


def _far_end(found: Sequence[Reading], expected: str, device: RackDevice) -> Fact:
    """Say whether LLDP names the far end that the cable map expects."""
    said = " ".join(str(reading.value) for reading in found)
    reason = None if said == expected else f"the cable map says {expected}, LLDP {said or 'nothing'}"
    return told(found[0], said == expected, reason) if found else Fact(False, (device.address,), None, reason)


@case("NET-002", each="switch")
@needs("switch.port[*].oper_state")
def test_links_up(rack: Rack, device: RackDevice, measure: Measure) -> None:
    """Every port that has a cable is up."""
    links = rack.links_of(device.name)
    for reading in device.read("port[*].oper_state"):
        port = reading.name.partition("[")[2].partition("]")[0]
        if port in links:
            measure("link_state", reading, where=f"{device.slot} {port}")


@case("NET-003", each="switch")
@needs("switch.port[*].speed", "switch.port[*].oper_state")
def test_link_speed(rack: Rack, device: RackDevice, measure: Measure) -> None:
    """Every link that is up runs at its speed."""
    links = rack.links_of(device.name)
    readings = {r.name: r for r in device.read("port[*].speed", "port[*].oper_state")}
    uplinks = {other.name for other in rack.of_role("switch")}
    for port, (far, _) in links.items():
        if readings[f"port[{port}].oper_state"].value != "up":
            continue
        speed, where = readings[f"port[{port}].speed"], f"{device.slot} {port}"
        if far in uplinks:
            measure("uplink_speed", speed, where=where)
        else:
            measure("access_speed", speed, where=where)


@case("NET-004", state="full", each="switch")
@needs("switch.port[*].in_errors", "switch.port[*].fcs_errors")
def test_no_errors(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """No port counts an error while the rack works."""
    for quantity in ("in_errors", "fcs_errors"):
        for trace in dwell.each(f"{device.name}.port[*].{quantity}"):
            measure("port_errors", trace.increase(), where=f"{device.slot} {trace.point}")


@case("NET-005", each="switch")
@needs("switch.sensor[*].*")
def test_optical_power(device: RackDevice, measure: Measure) -> None:
    """Every optical receiver gets enough light."""
    for reading in device.read("sensor[*].*"):
        if reading.unit == "W" and " rx " in reading.name.lower():
            measure("rx_power", reading, where=f"{device.slot} {reading.name}")


@case("NET-006", state="soak", each="switch")
@needs("switch.port[*].oper_state")
def test_links_stay_up(dwell: Dwell, rack: Rack, device: RackDevice, measure: Measure) -> None:
    """Under load every port that has a cable stays up."""
    links = rack.links_of(device.name)
    for where, said in dwell.texts(f"{device.name}.port[*].oper_state"):
        if where.partition("[")[2].partition("]")[0] in links:
            measure("link_state", said, where=where)
