"""The command lines of BMCs and hosts, without a socket."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.emulator import hosts, ipmi, openbmc
from harness.emulator.shell import Launch, Reply, Shell

Bench = Callable[..., Any]
ROOT = "/xyz/openbmc_project"
OBJECTS = "org.freedesktop.DBus.ObjectManager GetManagedObjects"
QUERY = "nvidia-smi --query-gpu=index,serial,temperature.gpu,clocks.sm --format=csv,nounits"


def bmc(built: Any, slot: str = "tray07") -> Shell:
    return openbmc.shell(built.world, f"{slot}_bmc", built.world.physics.trays[slot])


def switch_bmc(built: Any, slot: str = "swtray3") -> Shell:
    return ipmi.shell(built.world, f"{slot}_bmc", built.world.physics.switch_trays[slot])


def host(built: Any, slot: str = "tray07") -> Shell:
    return hosts.compute_shell(built.world, f"{slot}_host", built.world.physics.trays[slot])


def out(shell: Shell, line: str) -> str:
    reply = shell.answer(line)
    assert isinstance(reply, Reply)
    assert (reply.err, reply.status) == ("", 0)
    return reply.out


def objects(shell: Shell, service: str) -> Any:
    return json.loads(out(shell, f"busctl --json=short call {service} {ROOT}/sensors {OBJECTS}"))["data"][0]


def sensor(shell: Shell, name: str) -> object:
    """Find a sensor the way a stranger does: the mapper first, then its service."""
    mapper = "xyz.openbmc_project.ObjectMapper"
    call = f"busctl --json=short call {mapper} {ROOT}/object_mapper {mapper} GetSubTree sias {ROOT}/sensors 0 1 x"
    tree = json.loads(out(shell, call))["data"][0]
    path = next(path for path in tree if path.endswith(f"/{name}"))
    (service,) = tree[path]
    return objects(shell, service)[path]["xyz.openbmc_project.Sensor.Value"]["Value"]["data"]


def test_sensors_of_a_bmc_show_the_physics(bench: Bench) -> None:
    built = bench().load()
    tray = built.world.physics.trays["tray07"]
    assert sensor(bmc(built), "GPU_2_TEMP") == pytest.approx(tray.gpus[2].temperature, abs=1.0)
    assert sensor(bmc(built), "TOTAL_POWER") == pytest.approx(tray.power, rel=0.01)
    assert sensor(bmc(built), "BUS_VOLTAGE") == pytest.approx(50.5, abs=0.15)
    assert sensor(bmc(built), "FAN_3") == pytest.approx(9000, rel=0.02)
    assert sensor(bmc(built), "COOLANT_OUT_TEMP") == pytest.approx(44.7, abs=1.0)


def test_a_sensor_without_a_value_is_null(bench: Bench) -> None:
    assert sensor(bmc(bench("tray07.sensor_missing")), "CPU_1_TEMP") is None
    assert sensor(bmc(bench("tray07.gpu_missing")), "GPU_3_TEMP") is None


def test_a_bmc_tells_part_and_serial(bench: Bench) -> None:
    built = bench()
    found = objects(bmc(built), "xyz.openbmc_project.Inventory.Manager")
    asset = found[f"{ROOT}/inventory/system/chassis"]["xyz.openbmc_project.Inventory.Decorator.Asset"]
    assert asset["SerialNumber"]["data"] == built.world.layout.parts["tray07"].serial
    assert "EMULATED" in asset["Model"]["data"]


def test_a_bmc_logs_what_happens(bench: Bench) -> None:
    built = bench("tray07.log_critical@+5s")
    assert objects(bmc(built), "xyz.openbmc_project.Logging") == {}
    built.wait(6.0)
    (entry,) = objects(bmc(built), "xyz.openbmc_project.Logging").values()
    assert entry["xyz.openbmc_project.Logging.Entry"]["Severity"]["data"].endswith(".Critical")


def test_properties_are_printed_as_busctl_does(bench: Bench) -> None:
    built = bench("tray07.clock_off")
    chassis = f"busctl get-property xyz.openbmc_project.State.Chassis {ROOT}/state/chassis0 x CurrentPowerState"
    assert out(bmc(built), chassis) == 's "xyz.openbmc_project.State.Chassis.PowerState.On"\n'
    elapsed = out(bmc(built), f"busctl get-property xyz.openbmc_project.Time.Manager {ROOT}/time/bmc x Elapsed")
    assert int(elapsed.split()[1]) / 1e6 - built.clock.unix() == pytest.approx(90.0, abs=1e-3)
    assert "BMCState.Ready" in out(bmc(built), "obmcutil state")
    assert "EMULATED" in out(bmc(built), "cat /etc/os-release")


def test_an_unknown_service_is_an_error(bench: Bench) -> None:
    reply = bmc(bench()).answer(f"busctl --json=short call xyz.nobody /x {OBJECTS}")
    assert isinstance(reply, Reply)
    assert (reply.status, reply.out) == (1, "")


def test_ipmitool_prints_sensors_and_fru(bench: Bench) -> None:
    built = bench().load()
    lines = out(switch_bmc(built), "ipmitool sdr elist").splitlines()
    cells = {line.split("|")[0].strip(): line.split("|")[4].strip() for line in lines}
    assert cells.keys() == {"ASIC_0_TEMP", "ASIC_1_TEMP", *(f"FAN_{n}" for n in range(4)), "TOTAL_POWER", "BUS_VOLTAGE"}
    assert float(cells["TOTAL_POWER"].split()[0]) == pytest.approx(1240, rel=0.02)
    fru = out(switch_bmc(built), "ipmitool fru print 0")
    assert f"Product Serial        : {built.world.layout.parts['swtray3'].serial}" in fru
    assert "Product Extra         : EMULATED" in fru
    reading = out(switch_bmc(built), "ipmitool dcmi power reading").split()
    assert float(reading[3]) == pytest.approx(1240, rel=0.02)
    assert out(switch_bmc(built), "ipmitool chassis power status") == "Chassis Power is on\n"
    assert "Firmware Revision         : 1.12" in out(switch_bmc(built), "ipmitool mc info")


def test_the_event_log_of_a_switch_tray(bench: Bench) -> None:
    reply = switch_bmc(bench()).answer("ipmitool sel elist")
    assert isinstance(reply, Reply)
    assert (reply.out, reply.err) == ("", "SEL has no entries\n")
    sick = switch_bmc(bench("swtray3.log_critical"))
    assert "| Upper Critical going high | Asserted" in out(sick, "ipmitool sel elist")
    assert "Entries          : 1" in out(sick, "ipmitool sel info")


def test_nvidia_smi_lists_what_was_asked(bench: Bench) -> None:
    built = bench().load()
    head, *rows = out(host(built), QUERY).splitlines()
    assert head == "index, serial, temperature.gpu, clocks.current.sm [MHz]"
    assert [row.split(", ")[0] for row in rows] == ["0", "1", "2", "3"]
    assert all(row.split(", ")[3] == "1830" for row in rows)


def test_a_missing_gpu_is_not_listed(bench: Bench) -> None:
    assert len(out(host(bench("tray07.gpu_missing")), QUERY).splitlines()) == 4


def test_an_unknown_field_is_an_error(bench: Bench) -> None:
    reply = host(bench()).answer("nvidia-smi --query-gpu=colour --format=csv")
    assert isinstance(reply, Reply)
    assert reply.status == 2
    assert "colour" in reply.out + reply.err


def test_a_throttling_gpu_says_why(bench: Bench) -> None:
    ask = "nvidia-smi --query-gpu=clocks_throttle_reasons.hw_thermal_slowdown --format=csv,noheader,nounits"
    assert out(host(bench("tray07.gpu_throttling").load()), ask).split("\n")[:4] == [*3 * ["Not Active"], "Active"]
    assert "\nActive" not in out(host(bench().load()), ask)


def test_a_host_tells_about_itself(bench: Bench) -> None:
    built = bench("tray07.xid")
    shell = host(built)
    assert out(shell, "cat /sys/class/dmi/id/product_name") == "EMULATED CT-4\n"
    assert out(shell, "cat /sys/class/dmi/id/product_serial").strip() == built.world.layout.parts["tray07"].serial
    assert (out(shell, "hostname"), out(shell, "nproc")) == ("tray07_host\n", "144\n")
    assert float(out(shell, "date -u +%s.%N")) == pytest.approx(built.clock.unix(), abs=1e-3)
    assert "MemTotal:         1007616000 kB" in out(shell, "cat /proc/meminfo")
    assert "NVRM: Xid (PCI:0009:01:00): 79," in out(shell, "dmesg")


@pytest.mark.parametrize(
    ("line", "status"), [("frobnicate now", 127), ("cat /etc/shadow", 1), ("echo 'open", 2), ("timeout soon true", 125)]
)
def test_what_it_does_not_know_is_an_error(bench: Bench, line: str, status: int) -> None:
    reply = host(bench()).answer(line)
    assert isinstance(reply, Reply)
    assert reply.status == status
    assert reply.err


def test_a_workload_is_launched_not_answered(bench: Bench) -> None:
    launch = host(bench()).answer("sh -c 'echo $$; exec timeout 20 gpu_burn 5'")
    assert launch == Launch(["gpu_burn", "5"], 20.0, announced=True)


@pytest.mark.parametrize(("program", "status"), [("gpu_burn", 0), ("cat", 0), ("fio", 127)])
def test_it_tells_which_programs_are_there(bench: Bench, program: str, status: int) -> None:
    reply = host(bench()).answer(f"command -v {program}")
    assert isinstance(reply, Reply)
    assert reply.status == status
    assert bool(reply.out) == (status == 0)
