"""What the usual tools of a Linux host tell beside its files: PCI, firmware tables, interfaces, disks, sensors, clock.

A tool that is not installed, or may not be run, makes its points null with that reason.
"""

from drivers.hosts.figure_point import FigurePoint
from drivers.hosts.tools import (
    clock_sync,
    dmidecode,
    ethtool,
    ethtool_module,
    ethtool_stats,
    infiniband,
    kernel_log,
    lldpctl,
    lspci,
    mlxlink,
    nvme,
    sensors,
    smartctl,
)
from drivers.hosts.tools.named import each
from drivers.points import Point

LSPCI = "lspci -D -vvv"
DMIDECODE = "dmidecode -t 0,1,2,3,4,16,17"
LLDPCTL, NVME_LIST, SENSORS, CHRONYC = "lldpctl -f json", "nvme list -o json", "sensors -j", "chronyc -n tracking"
DMESG = "dmesg"
NVME_SMART = each("/dev/nvme[0-9] /dev/nvme[0-9][0-9]", "nvme smart-log -o json /dev/$n")
SMARTCTL = each("/sys/block/sd* /sys/block/nvme*", "smartctl -j -a /dev/$n")
MLXLINK = each("/sys/class/infiniband/*", "mlxlink -d $n -m -c --json")


def _interfaces(command: str) -> str:
    return (
        "command -v ethtool >/dev/null || { echo ethtool: not found >&2; exit 127; }; "
        f'for d in /sys/class/net/*; do n=${{d##*/}}; echo "$n:"; {command} 2>/dev/null; done; :'
    )


LINK = _interfaces('ethtool "$n"; ethtool --show-fec "$n"; echo "$n:"; ethtool -i "$n"')
STATISTICS = _interfaces('ethtool -S "$n"')
MODULE = _interfaces('ethtool -m "$n"')
_PORTS = "/sys/class/infiniband/*/ports/*"
INFINIBAND = f"grep -Hs . {_PORTS}/state {_PORTS}/rate {_PORTS}/counters/* || [ $? -eq 2 ]"


def _row(query: str, unit: str | None, doc: str, name: str, figure: str = "") -> Point:
    return FigurePoint(query, _PARSERS[query], unit, doc, name=name, figure=figure, judges=query == SMARTCTL)


_PARSERS = {
    LSPCI: lspci.parse,
    DMIDECODE: dmidecode.parse,
    LLDPCTL: lldpctl.parse,
    NVME_LIST: nvme.devices,
    NVME_SMART: nvme.healths,
    SMARTCTL: smartctl.disks,
    SENSORS: sensors.parse,
    CHRONYC: clock_sync.parse,
    DMESG: kernel_log.parse,
    LINK: ethtool.parse,
    STATISTICS: ethtool_stats.errors,
    MODULE: ethtool_module.parse,
    INFINIBAND: infiniband.sysfs,
    MLXLINK: mlxlink.links,
}

POINTS: tuple[Point, ...] = (
    _row(LSPCI, None, "Device at this place of the PCI buses.", "pci[].device"),
    _row(LSPCI, "bit/s", "Speed of one lane, before coding.", "pci[].link_speed"),
    _row(LSPCI, "bit/s", "Speed of one lane that the device is capable of.", "pci[].link_speed_max"),
    _row(LSPCI, "1", "Lanes in use.", "pci[].link_width"),
    _row(LSPCI, "1", "Lanes that the device has.", "pci[].link_width_max"),
    _row(DMIDECODE, None, "Serial number of the mainboard.", "board_serial", "board.serial"),
    _row(DMIDECODE, None, "Version of the firmware.", "bios_version", "bios.version"),
    _row(DMIDECODE, "1", "Processors in their sockets.", "cpu_sockets", "cpu_count"),
    _row(DMIDECODE, "1", "Memory modules in their sockets.", "dimm_count"),
    _row(DMIDECODE, "B", "Size of a memory module.", "dimm[].size"),
    _row(DMIDECODE, "Hz", "Transfers per second that a memory module is set to.", "dimm[].configured_speed"),
    _row(DMIDECODE, None, "Serial number of a memory module.", "dimm[].serial"),
    _row(DMIDECODE, None, "Part number of a memory module.", "dimm[].part"),
    _row(LINK, None, "Whether the interface has a link.", "interface[].link"),
    _row(LINK, "bit/s", "Speed of the interface.", "interface[].speed"),
    _row(LINK, None, "Error correction in use.", "interface[].fec"),
    _row(LINK, None, "Driver of the interface.", "interface[].driver"),
    _row(LINK, None, "Firmware of the adapter.", "interface[].firmware"),
    _row(STATISTICS, "1", "Errors, drops and discards, under the driver's own names.", "counter[]"),
    _row(MODULE, None, "Serial number of the transceiver.", "module[].serial"),
    _row(MODULE, "degC", "Temperature of the transceiver.", "module[].temperature"),
    _row(MODULE, None, "Alarms of the transceiver, by comma.", "module[].alarms"),
    _row(MODULE, "dBm", "Light received, by lane.", "lane[].rx_power"),
    _row(MODULE, "dBm", "Light sent, by lane.", "lane[].tx_power"),
    _row(LLDPCTL, None, "Name of the system at the far end.", "neighbor[].system"),
    _row(LLDPCTL, None, "Port at the far end.", "neighbor[].port"),
    _row(NVME_LIST, "1", "NVMe namespaces.", "disk_count"),
    _row(NVME_LIST, None, "Model of an NVMe disk.", "disk[].model"),
    _row(NVME_LIST, None, "Serial number of an NVMe disk.", "disk[].serial"),
    _row(NVME_LIST, None, "Firmware of an NVMe disk.", "disk[].firmware"),
    _row(NVME_LIST, "B", "Capacity of an NVMe disk.", "disk[].capacity"),
    _row(NVME_SMART, "1", "Bits of the critical warning of an NVMe controller.", "disk[].critical_warning"),
    _row(NVME_SMART, "1", "Media errors of an NVMe controller.", "disk[].media_errors"),
    _row(NVME_SMART, "%", "Wear of an NVMe controller's media.", "disk[].percentage_used"),
    _row(NVME_SMART, "degC", "Temperature of an NVMe controller.", "disk[].temperature"),
    _row(SMARTCTL, None, "Whether the disk calls itself healthy.", "disk[].healthy"),
    _row(SENSORS, None, "What the chips of the board measure, by chip and label.", "sensor[].*"),
    _row(INFINIBAND, None, "State of an InfiniBand port.", "ib_port[].state"),
    _row(INFINIBAND, "bit/s", "Speed of an InfiniBand port.", "ib_port[].speed"),
    _row(INFINIBAND, "B", "Octets received by an InfiniBand port.", "ib_port[].in_bytes"),
    _row(INFINIBAND, "B", "Octets sent by an InfiniBand port.", "ib_port[].out_bytes"),
    _row(INFINIBAND, "1", "Symbol errors of an InfiniBand port.", "ib_port[].symbol_errors"),
    _row(INFINIBAND, "1", "Times that an InfiniBand port went down.", "ib_port[].link_downs"),
    _row(MLXLINK, "1", "Bit error rate before correction.", "link[].raw_ber"),
    _row(MLXLINK, "1", "Bit error rate after correction.", "link[].effective_ber"),
    _row(MLXLINK, None, "What the adapter recommends.", "link[].recommendation"),
    _row(CHRONYC, "s", "The host's clock minus its own reference.", "reference_offset", "clock_offset"),
    _row(CHRONYC, None, "Whether the clock is to be trusted: Normal when it follows a reference.", "leap_status"),
    *(
        _row(DMESG, "1", doc, name)
        for name, doc in (
            ("machine_check_uncorrected_errors", "Hardware errors that were not corrected, in the kernel's log."),
            ("memory_uncorrected_errors", "Memory errors that were not corrected, in the kernel's log."),
            ("memory_corrected_errors", "Memory errors that were corrected, in the kernel's log."),
            ("pcie_uncorrected_errors", "PCIe errors that were not corrected, in the kernel's log."),
            ("pcie_corrected_errors", "PCIe errors that were corrected, in the kernel's log."),
            ("io_errors", "Errors of disks in the kernel's log."),
            ("out_of_memory_errors", "Programs that the kernel ended for want of memory."),
            ("panic_errors", "Faults of the kernel itself in its log."),
        )
    ),
)
