import pytest

from drivers import tools
from drivers.errors import Garbled
from drivers.hosts.tools.xids import XIDS, meaning
from tests.drivers import host_outputs as made
from tests.drivers.test_host_outputs import values


def test_no_number_has_two_meanings() -> None:
    assert meaning(79) == ("GPU has fallen off the bus", "fatal")
    assert meaning(31)[1] == "application"
    assert all(what and gravity in ("fatal", "error", "warning", "application") for what, gravity in XIDS.values())


def test_xids_are_decoded() -> None:
    found = values("kernel-log", made.KERNEL_LOG)
    assert (found["xid_errors"], found["xid[0008:01:00 79].count"], found["xid[0008:01:00 79].gravity"]) == (
        3,
        2,
        "fatal",
    )
    assert found["xid[0009:01:00 999].gravity"] == "unknown"
    assert (found["sxid_errors"], found["io_errors"], found["pcie_corrected_errors"]) == (1, 1, 1)
    assert found["sxid[0000:c1:00.0 20034].meaning"] == "Link 30 LTSSM Fault Up"


STAMPS = (
    "[    1.000000] ",
    "\x1b[32m[    1.000000] \x1b[0m",
    "<3>[    1.0] ",
    "kern  :err   : [    1.0] ",
    "[Mon Nov 23 12:00:00 2026] ",
    "2026-11-23T12:00:00,123456+00:00 ",
    "2026-11-23T12:00:00+0000 host kernel: ",
    "Nov 23 12:00:00 host kernel: ",
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("mce: [Hardware Error]: Machine check events logged", "machine_check_errors"),
        ("[Hardware Error]: Uncorrected, software restartable error.", "machine_check_uncorrected_errors"),
        ("{1}[Hardware Error]: event severity: fatal", "machine_check_uncorrected_errors"),
        ("{1}[Hardware Error]: event severity: corrected", "machine_check_errors"),
        ("EDAC skx MC1: 1 UE memory read error on CPU_SrcID#0", "memory_uncorrected_errors"),
        ("pcieport 0000:00:01.0: AER: Multiple Uncorrectable (Non-Fatal) error received", "pcie_uncorrected_errors"),
        ("nvme nvme0: I/O 12 QID 3 timeout, aborting", "io_errors"),
        ("blk_update_request: critical medium error, dev sda, sector 1", "io_errors"),
        ("Buffer I/O error on dev sda1, logical block 0", "io_errors"),
        ("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)", "out_of_memory_errors"),
        ("watchdog: BUG: soft lockup - CPU#1 stuck for 22s!", "panic_errors"),
        ("INFO: task hpl:1 blocked for more than 120 seconds.", "hang_errors"),
        ("CPU3: Core temperature above threshold, cpu clock throttled", "thermal_errors"),
        ("amdgpu 0000:01:00.0: amdgpu: GPU reset begin!", "amdgpu_errors"),
        ("NVRM: Xid (PCI:garbled", "nvidia_errors"),
        ("mlx5_core 0000:61:00.0 eth0: Link down", "link_downs"),
    ],
)
def test_lines_of_a_kernel(line: str, name: str) -> None:
    for stamp in STAMPS:
        found = values("kernel-log", f"{stamp}{line}\n".encode())
        assert {counted for counted, value in found.items() if value == 1 and "[" not in counted} == {name}


def test_a_gpu_that_has_recovered_is_not_as_grave() -> None:
    changed = "[    1.0] NVRM: Xid (PCI:0000:61:00): 154, GPU recovery action changed from "
    lost = f"{changed}0x0 (None) to 0x1 (GPU Reset Required)\n"
    back = f"{changed}0x1 (GPU Reset Required) to 0x0 (None)\n"
    assert values("kernel-log", lost.encode())["xid[0000:61:00 154].gravity"] == "fatal"
    assert values("kernel-log", (lost + back).encode())["xid[0000:61:00 154].gravity"] == "warning"


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"dmesg: read kernel buffer failed: Operation not permitted\n", b"-- No entries --\n"]
)
def test_no_log_is_not_a_log_without_errors(text: bytes) -> None:
    with pytest.raises(Garbled):
        tools.parse("kernel-log", text)
