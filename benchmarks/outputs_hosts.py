"""Long outputs of the tools that tell of a host: more of what they list, or more of what nobody asks for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Long:
    """An output that can be made as long as one likes: `unit` is repeated between the others, {n} counts."""

    head: str
    unit: str
    tail: str = ""


_PORT = '"eth{n}": {"via": "LLDP", "chassis": {"leaf1": {"id": {"type": "mac", "value": "00:11:22:33:44:55"}}}, '
_PORT += '"port": {"id": {"type": "ifname", "value": "Ethernet{n}"}, "descr": "to tray07"}}'
_GPU = """<gpu id="{n}:01:00.0"><product_name>NVIDIA GB200</product_name><serial>1650123456789</serial>
\t\t<uuid>GPU-{n}</uuid><temperature><gpu_temp>34 C</gpu_temp></temperature>
\t\t<gpu_power_readings><average_power_draw>171.25 W</average_power_draw></gpu_power_readings>
\t\t<fb_memory_usage><total>189471 MiB</total></fb_memory_usage><clocks><sm_clock>120 MHz</sm_clock></clocks></gpu>
"""
_RESULT = '{"entity_group": "GPU", "entity_group_id": 1, "entity_id": {n}, "status": "Pass", "info": "GPU {n}: fine"}'
_DCGM = '{"DCGM Diagnostic": {"test_categories": [{"category": "Hardware", "tests": [{"name": "memory", "results": ['
_DCGM_END = '], "test_summary": {"status": "Pass"}}]}]}, "metadata": {"version": "4.4.1"}}\n'
_AMD = '{"gpu": {n}, "power": {"socket_power": {"value": 542, "unit": "W"}}, "temperature": {"hotspot": {"value": 61, '
_AMD += '"unit": "C"}}, "clock": {"gfx_0": {"clk": {"value": 2100, "unit": "MHz"}}}}'
_LINK = '"sw1p{n}s1": {"link": {"physical-state": "LinkUp", "speed": "400G", "state": {"up": {}}, "counters": '
_LINK += '{"in-bytes": 10, "out-bytes": 20, "in-errors": 0, "link": {"carrier-down-count": 3}}}}'
_NODE = '"{n}": {"status": "READY", "host": "192.0.2.1", "connections": {"0": {"status": "CONNECTED"}}}'
_DRIVE = (
    '{"NameSpace": 1, "DevicePath": "/dev/nvme{n}n1", "Firmware": "F1", "ModelNumber": "M1", "SerialNumber": "S{n}", '
)
_DRIVE += '"UsedBytes": 1000, "MaximumLBA": 7501476528, "PhysicalSize": 3840755982336, "SectorSize": 512}'
_PAIR = '"vendor_specific_{n}": 0'
_SMART = '"critical_warning": 0, "temperature": 311, "avail_spare": 100, "spare_thresh": 10, "percent_used": 1, '
_SMARTCTL = '"smartctl": {"version": [7, 4], "exit_status": 0}, "device": {"name": "/dev/nvme0", "protocol": "NVMe"}, '
_MLXLINK = '"Operational Info": {"State": "Active", "Speed": "IB-NDR", "Width": "4x", '
_SENSOR = '"chip{n}-isa-0": {"Adapter": "ISA adapter", "fan1": {"fan1_input": 12000.000, "fan1_alarm": 0.000}}'
_TIME = "                      Local time: Mon 2026-11-23 12:00:00 UTC\nSystem clock synchronized: yes\n"

HOSTS: dict[str, Long] = {
    "amd-smi": Long("[", _AMD + ",\n", _AMD + "]\n"),
    "chrony": Long(
        "Reference ID    : C0000201\nStratum         : 3\n",
        "Comment {n}       : nothing\n",
        "Leap status     : Normal\n",
    ),
    "dcgm-diag": Long(_DCGM, _RESULT + ",\n", _RESULT + _DCGM_END),
    "dmidecode": Long(
        "# dmidecode 3.4\nSMBIOS 3.6.0 present.\n\n",
        "Handle 0x{n}, DMI type 17, 92 bytes\nMemory Device\n\tSize: 480 GB\n\tLocator: DIMM_{n}\n\tType: DDR5\n\n",
    ),
    "ethtool": Long("", "Settings for eth{n}:\n\tSpeed: 400000Mb/s\n\tDuplex: Full\n\tLink detected: yes\n"),
    "ethtool-module": Long(
        "\tIdentifier                                : 0x19 (OSFP 8X Pluggable Transceiver)\n",
        "\tTransmit avg optical power (Channel {n})    : 1.1000 mW / 0.41 dBm\n",
    ),
    "ethtool-stats": Long("NIC statistics:\n", "     rx_queue_{n}_packets: 123456\n"),
    "ibstat": Long("", "CA 'mlx5_{n}'\n\tFirmware version: 28.39.1002\n\tPort 1:\n\t\tState: Active\n\t\tRate: 400\n"),
    "imex": Long('{"nodes": {', _NODE + ",\n", _NODE + '}, "status": "UP"}\n'),
    "kernel-log": Long(
        "",
        "[  912.{n}] usb 1-1: new device\n",
        "[  913.0] NVRM: Xid (PCI:0008:01:00): 79, pid=1, GPU has fallen off the bus.\n",
    ),
    "lldpctl": Long('{"lldp": {"interface": [', "{" + _PORT + "},\n", "{" + _PORT + "}]}}\n"),
    "lspci": Long(
        "",
        "0008:01:00.0 3D controller: NVIDIA Corporation Device 2941 \n\t\tLnkCap:\tPort #0, Speed 64GT/s, Width x16\n"
        "\t\tLnkSta:\tSpeed 64GT/s (ok), Width x16\n\n",
    ),
    "mlxlink": Long('{"result": {"output": {' + _MLXLINK, _PAIR + ",\n", _PAIR + '}}}, "status": {"code": 0}}\n'),
    "ntpq": Long(
        "     remote           refid      st t when poll reach   delay   offset  jitter\n" + "=" * 78 + "\n",
        "*192.0.2.{n}      .GPS.            1 u   33   64  377    0.123    0.045   0.010\n",
    ),
    "nvidia-smi": Long(
        '<?xml version="1.0" ?>\n<nvidia_smi_log>\n<driver_version>580</driver_version>\n', _GPU, "</nvidia_smi_log>\n"
    ),
    "nvme-id": Long(
        '{"vid": 5197, "sn": "S1 ", "mn": "M1", "fr": "F1", "tnvmcap": 3840755982336, ', _PAIR + ",\n", _PAIR + "}\n"
    ),
    "nvme-list": Long('{"Devices": [', _DRIVE + ",\n", _DRIVE + "]}\n"),
    "nvme-smart": Long("{" + _SMART, _PAIR + ",\n", _PAIR + "}\n"),
    "nvos": Long("{", _LINK + ",\n", _LINK + "}\n"),
    "perfquery": Long(
        "# Port counters: Lid 12 port 1 (CapMask: 0x5A00)\nSymbolErrorCounter:..............0\n",
        "Other{n}:..............................1\n",
    ),
    "sensors": Long("{", _SENSOR + ",\n", _SENSOR + "}\n"),
    "smartctl": Long("{" + _SMARTCTL + '"smart_status": {"passed": true}, ', _PAIR + ",\n", _PAIR + "}\n"),
    "timedatectl": Long(_TIME, "Other {n}: nothing\n", "NTP service: active\n"),
}
