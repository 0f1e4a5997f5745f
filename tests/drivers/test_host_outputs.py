import json
from typing import Any

import pytest

from drivers import tools
from drivers.parsed import Parsed
from drivers.points import UNITS
from tests.drivers import gpu_outputs as gpus
from tests.drivers import host_outputs as made
from tests.drivers.output_samples import SAMPLES


def values(tool: str, output: bytes) -> dict[str, Any]:
    return {figure.name: figure.value for figure in tools.parse(tool, output).figures}


def reasons(tool: str, output: bytes) -> dict[str, str | None]:
    return {figure.name: figure.reason for figure in tools.parse(tool, output).figures if figure.value is None}


def assert_sound(parsed: Parsed) -> None:
    """Whatever came in, what comes out holds the house rules."""
    json.dumps([figure.value for figure in parsed.figures], allow_nan=False)
    names = [figure.name for figure in parsed.figures]
    assert len(names) == len(set(names))
    assert all(figure.unit is None or figure.unit in UNITS for figure in parsed.figures)
    assert all(figure.reason for figure in parsed.figures if figure.value is None)
    assert bool(parsed.reasons) == (parsed.verdict in ("bad", "unverified"))


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
def test_every_sample_is_read(tool: str, output: bytes) -> None:
    parsed = tools.parse(tool, output)
    assert_sound(parsed)
    assert parsed.figures


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
def test_a_file_saved_with_a_mark_and_other_line_ends_says_the_same(tool: str, output: bytes) -> None:
    saved = b"\xef\xbb\xbf" + output.replace(b"\n", b"\r\n")
    assert values(tool, saved) == values(tool, output)
    assert tools.parse(tool, saved).verdict == tools.parse(tool, output).verdict


@pytest.mark.parametrize(
    ("tool", "output", "verdict"),
    [
        ("nvidia-smi", gpus.NVIDIA_SMI, "bad"),
        ("nvidia-smi", gpus.NVIDIA_SMI.replace(b"ERR!", b"40 C"), "none"),
        ("dcgm-diag", gpus.DCGM_4, "good"),
        ("dcgm-diag", gpus.DCGM_3, "bad"),
        ("ethtool-module", made.MODULE_8636, "bad"),
        ("ethtool-module", made.MODULE_JSON, "bad"),
        ("ethtool-module", made.MODULE_8472, "none"),
        ("nvme-smart", made.NVME_SMART, "none"),
        ("nvme-smart", made.NVME_SMART.replace(b'"critical_warning": 0', b'"critical_warning": 4'), "bad"),
        ("nvme-smart", made.NVME_SMART_TEXT.replace(b"critical_warning\t\t\t: 0", b"critical_warning : 0x4"), "bad"),
        ("nvme-smart", made.NVME_SMART.replace(b'_warning": 0,', b'_warning": {"value": 8, "ro": 1},', 1), "bad"),
        ("smartctl", made.SMARTCTL_NVME, "good"),
        ("smartctl", made.SMARTCTL_ATA, "bad"),
        ("smartctl", made.SMARTCTL_NVME.replace(b'"passed": true', b'"passed": false'), "bad"),
        ("smartctl", made.SMARTCTL_NVME.replace(b'"exit_status": 0', b'"exit_status": 4'), "unverified"),
        ("smartctl", made.SMARTCTL_NVME.replace(b'"smart_status"', b'"other"'), "unverified"),
        ("smartctl", made.SMARTCTL_NVME.replace(b'"exit_status": 0', b'"exit_status": 2'), "bad"),
        ("sensors", made.SENSORS, "bad"),
        ("mlxlink", gpus.MLXLINK, "good"),
        ("mlxlink", gpus.MLXLINK.replace(b'"Status Opcode": "0"', b'"Status Opcode": "1024"'), "bad"),
        ("mlxlink", gpus.MLXLINK.replace(b'"State": "Active"', b'"State": "Polling"'), "bad"),
        ("mlxlink", gpus.MLXLINK.replace(b'"code": 0', b'"code": 1'), "bad"),
        ("mlxlink", b'{"status": {"code": 0, "message": "success"}}', "unverified"),
        ("nvos", gpus.NVOS_ENVIRONMENT, "bad"),
        ("nvos", gpus.NVOS_CLUSTER, "none"),
        ("nvos", gpus.NVOS_CLUSTER.replace(b'"ok"', b'"not ok"'), "bad"),
        ("nvos", b'{"status": "Not OK", "status-led": "amber", "issues": {"PSU2": {"issue": "missing"}}}', "bad"),
        ("imex", gpus.IMEX, "good"),
        ("imex", gpus.IMEX_TEXT, "bad"),
        ("imex", gpus.IMEX.replace(b"CONNECTED", b"DISCONNECTED", 1), "bad"),
        ("imex", b'{"status": "UP", "nodes": {}}', "unverified"),
        ("imex", b"Node #0 - 192.0.2.1 - READY\n From\\To  0\n       0        C\nDomain State: UP\n", "good"),
        ("imex", b"Node #0 - 192.0.2.1 - READY\n From\\To  0\n       0        N\nDomain State: UP\n", "bad"),
        ("imex", b"READY\n", "good"),
        ("imex", b"WAITING_FOR_PEERS\n", "bad"),
        ("kernel-log", made.KERNEL_LOG, "bad"),
        ("kernel-log", made.JOURNAL, "bad"),
        ("kernel-log", b"[    0.000000] Linux version 6.8.0\n", "none"),
        ("chrony", made.CHRONY, "good"),
        ("chrony", made.CHRONY.replace(b"Normal", b"Not synchronised"), "bad"),
        ("chrony", made.CHRONY.replace(b"C0000201 (ntp1)", b"00000000 ()"), "bad"),
        ("chrony", made.CHRONY.replace(b"C0000201 (ntp1)", b"7F7F0101 ()"), "unverified"),
        ("timedatectl", made.TIMEDATECTL.replace(b": yes", b": no"), "bad"),
        ("ntpq", made.NTPQ.replace(b"*ntp1", b" ntp1"), "bad"),
        ("dmidecode", b"# dmidecode 3.4\nScanning /dev/mem for entry point.\n", "unverified"),
    ],
)
def test_verdicts(tool: str, output: bytes, verdict: str) -> None:
    parsed = tools.parse(tool, output)
    assert_sound(parsed)
    assert parsed.verdict == verdict


@pytest.mark.parametrize(
    "change",
    [
        (b'"status": "Pass",\n               "info"', b'"status": "Skip",\n               "info"'),
        (b'"status": "Pass",\n               "info"', b'"status": "Not Run",\n               "info"'),
        (b'"status": "Pass",\n               "info"', b'"status": "Running",\n               "info"'),
        (b"Allocated 180000000000 bytes (95.1%)", b"Failed to allocate memory on GPU 0"),
        (b'"info": "Allocated', b'"warnings": [{"error_id": 9, "warning": "could not allocate"}], "info": "Allocated'),
        (b'{"entity_group": "GPU", "entity_group_id": 1, "entity_id": 1, "status": "Pass"}', b'{"entity_id": 1}'),
    ],
)
def test_a_test_that_did_not_verify_is_not_good(change: tuple[bytes, bytes]) -> None:
    assert change[0] in gpus.DCGM_4
    assert tools.parse("dcgm-diag", gpus.DCGM_4.replace(*change)).verdict == "unverified"


@pytest.mark.parametrize(
    ("output", "verdict"),
    [
        (b'{"DCGM Diagnostic": {"test_categories": []}}', "unverified"),
        (b'{"DCGM Diagnostic": {"runtime_error": "no GPU", "test_categories": []}}', "bad"),
        (b'{"DCGM Diagnostic": {"test_categories": [{"tests": [{"name": "a"}]}]}}', "unverified"),
        (b'Warning: x\n{"DCGM Diagnostic": {"tests": [{"name": "a", "results": [{"status": "PASS"}]}]}}', "good"),
        (b'{"DCGM Diagnostic": {"tests": [{"name": "a", "results": [{"status": "Warn"}]}]}}', "bad"),
    ],
)
def test_odd_reports_of_dcgm(output: bytes, verdict: str) -> None:
    assert tools.parse("dcgm-diag", output).verdict == verdict


def test_one_gpu_that_fails_counts_though_the_summary_says_pass() -> None:
    parsed = tools.parse(
        "dcgm-diag", gpus.DCGM_4.replace(b'"entity_id": 1, "status": "Pass"', b'"entity_id": 1, "status": "Fail"')
    )
    assert (parsed.verdict, parsed.reasons) == ("bad", ("software GPU1: fail",))


def test_gpus_of_several_generations_of_the_driver() -> None:
    found, absent = values("nvidia-smi", gpus.NVIDIA_SMI), reasons("nvidia-smi", gpus.NVIDIA_SMI)
    assert (found["gpu[0].power"], found["gpu[1].power"], found["gpu[0].module_power"]) == (171.25, 400.25, 300.5)
    assert (found["gpu[0].throttle"], found["gpu[1].throttle"]) == ("", "hw_slowdown")
    assert found["gpu[1].clock_reasons"] == "hw_slowdown,sw_power_cap"
    assert (found["gpu[0].ecc_uncorrected"], found["gpu[1].ecc_corrected"]) == (2, 4)
    assert absent["gpu[0].ecc_corrected_aggregate"] == "N/A"
    assert absent["gpu[1].serial"] == "0: no serial number"
    assert (absent["gpu[1].temperature"], absent["gpu[1].row_remap_pending"]) == ("ERR!", "N/A")
    assert found["gpu[1].mig_count"] == 2
    assert found["gpu[0].recovery_action"] == "None"
    assert found["gpu[0].memory_total"] == 189471 * 2**20


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"<gpu_recovery_action>None", b"<gpu_recovery_action>Reset", "gpu[0].recovery_action: Reset"),
        (b"<remapped_row_pending>No", b"<remapped_row_pending>Yes", "gpu[0].row_remap_pending: yes"),
        (b"<summary>Healthy", b"<summary>Unhealthy", "gpu[0].fabric_health: Unhealthy"),
        (b"<status>Success", b"<status>Failure", "gpu[0].fabric_status: Failure"),
        (b"<sm_clock>120 MHz", b"<sm_clock>GPU requires reset", "gpu[0]: clocks/sm_clock: GPU requires reset"),
    ],
)
def test_what_nvidia_smi_complains_of(old: bytes, new: bytes, told: str) -> None:
    assert old in gpus.NVIDIA_SMI
    assert told in tools.parse("nvidia-smi", gpus.NVIDIA_SMI.replace(old, new)).reasons


def test_a_table_of_nvidia_smi_with_units_and_without() -> None:
    with_units = (
        b"index, name, power.draw [W], clocks.sm [MHz], pcie.link.width.current\n0, GB200, 70.25 W, 120 MHz, 16\n"
    )
    without = b"index, name, power.draw [W], clocks.sm [MHz], pcie.link.width.current\n0, GB200, 70.25, 120, [N/A]\n"
    assert values("nvidia-smi", with_units) | {"gpu[0].link_width": None} == values("nvidia-smi", without)
    assert values("nvidia-smi", with_units)["gpu[0].sm_clock"] == 120e6
    assert values("nvidia-smi", b"No devices were found\n") == {"gpu_count": 0}


def test_links_of_pci() -> None:
    found, absent = values("lspci", made.LSPCI), reasons("lspci", made.LSPCI)
    gpu, nic = "pci[0008:01:00.0]", "pci[0002:01:00.0]"
    assert (found[f"{gpu}.link_speed_max"], found[f"{gpu}.link_speed"]) == (64e9, 32e9)
    assert (found[f"{nic}.link_width_max"], found[f"{nic}.link_width"]) == (16, 8)
    assert "pci[0001:00:00.0].link_width" not in found
    assert absent["pci[0003:01:00.0].link_speed"] == "unknown"
    assert values("lspci", made.LSPCI_MM)["pci[01:00.0].vendor"] == 'NVIDIA "x"'
    assert values("lspci", made.LSPCI_VMM)["pci_count"] == 2


def test_firmware_tables() -> None:
    found, absent = values("dmidecode", made.DMIDECODE), reasons("dmidecode", made.DMIDECODE)
    assert (found["dimm[DIMM_A0].size"], found["dimm[DIMM_A1].size"]) == (480 * 2**30, 16 * 2**30)
    assert "dimm[DIMM_A2].size" not in found
    assert (found["dimm_count"], found["dimm_sockets_empty"], found["cpu_count"]) == (2, 1, 1)
    assert found["memory_total"] == 496 * 2**30
    assert (absent["board.serial"], absent["system.sku"]) == ("Not Specified", "To be filled by O.E.M.")


def test_interfaces() -> None:
    found = values("ethtool", made.ETHTOOL)
    assert (found["interface[eth0].speed"], found["interface[eth0].fec"]) == (400e9, "RS")
    assert found["interface[eth0].firmware"].startswith("28.39")
    assert (found["interface[eth1].link"], found["interface[eth1].link_reason"]) == (False, "No cable")
    assert found["interface[eth1].speed"] is found["interface[eth2].speed"] is None


def test_counters_of_interfaces() -> None:
    found = values("ethtool-stats", made.ETHTOOL_STATS)
    assert (found["counter[rx_packets]"], found["counter[*.rx_ucast_packets]"]) == (123456, 7)
    assert "1 and 2" in (reasons("ethtool-stats", made.ETHTOOL_STATS)["counter[rx_prio_discards_truncated_nam]"] or "")
    assert values("ethtool-stats", made.ETHTOOL_STATS_LOOP) == {
        "counter[eth0.rx_packets]": 1,
        "counter[eth1.rx_packets]": 2,
    }
    assert values("ethtool-stats", b"no stats available\n") == {}


def test_counters_of_queues_are_added_up_and_those_of_lengths_are_not() -> None:
    queues = (
        b"NIC statistics:\n rx_queue_0_drops: 1\n rx_queue_1_drops: 2\n rx_64_bytes: 5\n rx_128_bytes: 6\n tx1_x: -\n"
    )
    assert values("ethtool-stats", queues) == {
        "counter[rx_64_bytes]": 5,
        "counter[rx_128_bytes]": 6,
        "counter[rx_queue_*_drops]": 3,
        "counter[tx*_x]": None,
    }


def test_transceivers() -> None:
    found, absent = values("ethtool-module", made.MODULE_8636), reasons("ethtool-module", made.MODULE_8636)
    assert (found["lane[1].tx_power"], found["lane[1].rx_power"], found["lane[1].bias_current"]) == (0.0, -3.01, 0.0065)
    assert absent == {"lane[2].tx_power": "-inf"}
    assert found["module.alarms"] == "laser_tx_power_low_alarm_channel_2"
    assert (found["module.temperature_high_alarm"], found["module.rx_power_low_alarm"]) == (75.0, -13.0)
    assert values("ethtool-module", made.MODULE_8472)["module.tx_power"] == -3.01
    assert values("ethtool-module", made.MODULE_CMIS)["lane[8].rx_power"] == -40.0
    assert values("ethtool-module", made.MODULE_JSON)["lane[1].rx_power"] == pytest.approx(-3.0103)


def test_neighbours() -> None:
    found = values("lldpctl", made.LLDP)
    assert (found["neighbor[eth0].system"], found["neighbor[eth0].port"]) == ("leaf1", "Ethernet1")
    assert (found["neighbor[eth0#2].system"], found["neighbor[eth0#2].port"]) == (None, "00:11:22:33:44:67")
    assert found["neighbor[eth0].description"] == "switch OS 1"
    assert values("lldpctl", made.LLDP_ALONE)["neighbor[eth1].port"] == "swp3"
    assert values("lldpctl", made.LLDP_0)["neighbor[eth0].system"] == "leaf1"
    assert values("lldpctl", b'{"lldp": {}}') == {"neighbor_count": 0}
    one = b'{"eth0": {"port": {"id": {"type": "ifname", "value": "p1"}}}}'
    assert values("lldpctl", b'{"lldp": {"interface": %s, "interface": %s}}' % (one, one))["neighbor_count"] == 2


def test_nvme() -> None:
    assert values("nvme-list", made.NVME_LIST_1).items() <= values("nvme-list", made.NVME_LIST_2).items()
    assert values("nvme-list", b"{\n\n}\n") == {"disk_count": 0}
    found = values("nvme-smart", made.NVME_SMART)
    assert (found["temperature"], found["temperature_sensor_2"], found["bytes_written"]) == (37.85, None, 2000 * 512000)
    text = values("nvme-smart", made.NVME_SMART_TEXT)
    assert (text["temperature"], text["bytes_read"], text["power_on_time"]) == (37.85, 512_000_000, 1100 * 3600)
    assert text["available_spare"] == 100
    celsius = made.NVME_SMART.replace(b'"temperature": 311', b'"temperature": 38')
    assert reasons("nvme-smart", celsius)["temperature"] == "Garbled: no temperature in K"


def test_disks() -> None:
    found = values("smartctl", made.SMARTCTL_ATA)
    assert (found["attribute[5 Reallocated_Sector_Ct].count"], found["error_log_entries"]) == (8, 4)
    assert not any("Raw_Read" in name for name in found)
    assert values("smartctl", made.SMARTCTL_SCSI)["write_errors_uncorrected"] == 1


def test_chips() -> None:
    found, absent = values("sensors", made.SENSORS), reasons("sensors", made.SENSORS)
    assert (found["sensor[nct6775-isa-0290/fan1].speed"], found["sensor[nct6775-isa-0290/fan1].alarm"]) == (12000, True)
    assert found["sensor[coretemp-isa-0000/Package id 0].temperature_crit"] == 100
    assert absent["sensor[nct6775-isa-0290/broken].temperature"] == "the chip reports a fault of this sensor"
    assert absent["sensor[nct6775-isa-0290/power1].power"] == "nan"
    assert values("sensors", b"No sensors found!\nMake sure you loaded all the kernel drivers you need.\n") == {
        "sensor_count": 0
    }


def test_counters_of_infiniband() -> None:
    found, absent = values("perfquery", gpus.PERFQUERY), reasons("perfquery", gpus.PERFQUERY)
    assert (found["port[12/1].in_bytes"], found["port[12/1].link_downs"]) == (400, 2)
    assert absent["port[12/1].symbol_errors"] == "the counter is full at 65535"
    assert values("perfquery", gpus.PERFQUERY_X)["port[12/1].symbol_errors"] == 65535
    assert values("perfquery", gpus.SYSFS_IB)["port[mlx5_0/1].out_bytes"] == 100
    assert values("ibstat", gpus.IBSTAT)["port[mlx5_1/1].speed"] == 40e9


def test_a_link_of_mlxlink() -> None:
    found = values("mlxlink", gpus.MLXLINK)
    assert (found["speed"], found["raw_ber"], found["link_downs"]) == (400e9, 3e-10, 1)
    assert 0 < found["effective_ber"] < 1e-200
    assert (found["lane[0].raw_errors"], found["lane[2].raw_errors"], found["lane[1].rx_power"]) == (5, None, -40)
    assert (found["module_temperature"], found["module_voltage"]) == (45, 3.26)


def test_what_nv_show_tells() -> None:
    found = values("nvos", gpus.NVOS_INTERFACE)
    assert (found["port[sw1p1s1].oper_state"], found["port[sw1p1s1].speed"], found["port[sw1p1s1].link_downs"]) == (
        "up",
        400e9,
        3,
    )
    assert found["port[acp1].oper_state"] == "down"
    alone = json.dumps(json.loads(gpus.NVOS_INTERFACE)["sw1p1s1"]["link"]).encode()
    assert values("nvos", alone)["port.oper_state"] == "up"
    assert values("nvos", gpus.NVOS_ENVIRONMENT)["psu[PSU1].output_power"] == 450.0
    assert values("nvos", b'{"7": {"some-limit": 5, "when": "now"}}') == {
        "text[7/some-limit]": "5",
        "text[7/when]": "now",
    }
    assert values("nvos", b'{"32766": {"num-gpus": 72, "health": "healthy"}}')["partition[32766].gpus"] == 72
    assert values("nvos", gpus.NVOS_FIRMWARE)["firmware[EROT].version"] is None


def test_gpus_of_amd() -> None:
    found = values("amd-smi", gpus.AMD_METRIC)
    assert (found["gpu[0].power"], found["gpu[0].temperature"], found["gpu[0].throttle"]) == (542, 61, "socket_thermal")
    assert (found["gpu[0].memory_total"], found["gpu[0].edge_temperature"]) == (196592 * 2**20, None)
    assert values("amd-smi", gpus.AMD_STATIC)["gpu[0].serial"] is None
    assert values("amd-smi", b'[{"gpu": 3, "power": {"average_socket_power": "90 W"}}]')["gpu[3].power"] == 90
    monitor = (
        b'[{"gpu": 0, "power_usage": {"value": 25, "unit": "W"}, "double_bit_ecc": 1, "throttle_status": "THROTTLED"}]'
    )
    found = values("amd-smi", monitor)
    assert (found["gpu[0].power"], found["gpu[0].ecc_uncorrected"], found["gpu[0].throttle"]) == (25, 1, "throttled")
    old = b'[{"gpu": 0, "power": {"socket_power": {"value": 90, "unit": "mW"}}}]'
    assert reasons("amd-smi", old)["gpu[0].power"] == "Garbled: not in W"


def test_clocks() -> None:
    for tool, output in (("chrony", made.CHRONY), ("chrony", made.CHRONY_CSV)):
        assert values(tool, output)["clock_offset"] == -0.00025
    assert values("ntpq", made.NTPQ)["clock_offset"] == 0.0005
    assert values("timedatectl", made.TIMEDATECTL)["synchronized"] is True


@pytest.mark.captures
def test_a_recorded_diagnosis(captures: Any) -> None:
    parsed = tools.parse("dcgm-diag", (captures / "outputs" / "dcgm" / "gcm_diag_v3_fail.json").read_bytes())
    assert parsed.verdict == "bad"
    assert parsed.reasons == ("Persistence Mode: fail", "Environment Variables: warn")
    assert [f.value for f in parsed.figures if f.name in ("tests_passed", "tests_failed", "tests_warned")] == [7, 1, 1]
