import subprocess
import sys
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.catalogue import MODELS, model, open_device
from drivers.errors import BadAddress, DriverError, Garbled, NoReading, UnknownPoint, UsageError
from drivers.options import Options
from drivers.points import UNITS, Device, Reading
from drivers.protocols import CONTRACTS
from drivers.snmp_table import TablePoint
from drivers.ssh import ClockPoint, Completed, Timed
from tests.drivers.scripted import NOON, Scripted, StillClock

EVERY = sorted(MODELS)
WRONG_SCHEME = {"visa": "snmp://127.0.0.1?community=public", "snmp": "visa://TCPIP::127.0.0.1::1::SOCKET"}


@pytest.fixture(params=EVERY)
def device_class(request: pytest.FixtureRequest) -> type[Device[Any]]:
    return model(request.param)


def test_the_name_in_the_catalogue_is_the_models_own(device_class: type[Device[Any]]) -> None:
    assert MODELS[device_class.model] is device_class
    assert device_class.__doc__
    assert device_class.source


def test_every_model_meets_its_contract(device_class: type[Device[Any]]) -> None:
    contract, declared = CONTRACTS[device_class.kind], device_class.points()
    assert device_class.lacks <= set(contract)
    assert set(contract) - set(declared) == device_class.lacks
    for name, unit in contract.items():
        if name not in device_class.lacks:
            assert declared[name].unit == unit


def test_every_point_is_documented(device_class: type[Device[Any]]) -> None:
    for name, point in device_class.points().items():
        assert point.doc.endswith("."), name
        assert point.query
        assert point.unit is None or point.unit in UNITS


def test_nonsense_is_null_with_a_reason_or_an_error(device_class: type[Device[Any]]) -> None:
    for point in device_class.points().values():
        for reply in ("nonsense\n", "", b"\xff", -1, None, {}, {"1": b"x"}, Garbled("cut"), NoReading("none")):
            for reading in point.readings(dressed(device_class, point, reply), "test://device", NOON):
                assert_null(reading)


def dressed(device_class: type[Device[Any]], point: Any, reply: Any) -> Any:
    """Give a reply the form in which the device's transport would hand it over."""
    if isinstance(reply, DriverError):
        return reply
    if isinstance(point, TablePoint):
        return {column: reply if isinstance(reply, dict) else {} for column in point.columns}
    if device_class.kind in {"bmc", "host", "gpu_host"}:
        done = Completed(point.query, str(reply), "", 0)
        shaped = Timed(done, NOON, NOON) if isinstance(point, ClockPoint) else done
        return {point.query: done} if "GetSubTree" in point.query else shaped
    return [] if "99.1.1.1.4" in point.query else str(reply)


def assert_null(reading: Reading) -> None:
    """A text may be any text; whatever else comes out of nonsense is null and says why."""
    if reading.value is None:
        assert reading.reason
    else:
        assert isinstance(reading.value, str) or reading.raw in {"0", ""}


def test_a_closed_device_closes_its_transport(device_class: type[Device[Any]]) -> None:
    transport = Scripted([])
    device_class(transport, StillClock()).close()
    assert transport.closed


def test_an_unknown_point_names_those_there_are(device_class: type[Device[Any]]) -> None:
    device = device_class(Scripted([]), StillClock())
    with pytest.raises(UnknownPoint, match=next(iter(device_class.points())).split("[", maxsplit=1)[0]):
        device.read("no_such_point")


def test_the_wrong_protocol_is_refused_before_anything_is_sent(device_class: type[Device[Any]]) -> None:
    wrong = WRONG_SCHEME["snmp" if device_class.kind in {"power_shelf", "cooling", "switch"} else "visa"]
    with pytest.raises(BadAddress, match="reached by"):
        device_class.connect(parse(wrong), Options(), StillClock())


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown model 'px4'; known models: arista-eos, cisco-nxos, cumulus"):
        open_device("px4", "visa://TCPIP::127.0.0.1::1::SOCKET", Options(), StillClock())
    assert "px4" not in MODELS
    with pytest.raises(KeyError):
        MODELS["px4"]


def test_listing_the_models_imports_no_protocol() -> None:
    code = "import sys; from drivers.catalogue import MODELS; list(MODELS); print(*(m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pyvisa", "paramiko", "pysnmp"}
