import subprocess
import sys
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.catalogue import _OF_ENTERPRISE, MODELS, model, open_device, propose
from drivers.columns import ColumnPoint
from drivers.cooling.rittal_variables import Seen, Variable, VariablePoint
from drivers.errors import BadAddress, DriverError, Garbled, NoReading, UnknownPoint, UsageError
from drivers.options import Options
from drivers.points import UNITS, Device, Reading
from drivers.protocols import CONTRACTS
from drivers.redfish_survey import Node, NodePoint
from drivers.snmp_table import TablePoint
from drivers.ssh import ClockPoint, Completed, SshDevice, Timed
from tests.drivers.scripted import NOON, Scripted, StillClock
from tests.servers import scpi_server

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


def test_only_numbers_have_limits_of_error(device_class: type[Device[Any]]) -> None:
    declared = device_class.points()
    assert device_class.accurate <= set(declared)
    assert all(declared[name].unit is not None for name in device_class.accurate)


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
    if isinstance(point, NodePoint):
        return {kind: [Node(kind, "1", "/redfish/v1/1", reply)] for kind in point.needs}
    if isinstance(point, VariablePoint):
        variable = Variable("1.1", "Nonsense.Value", 2, "degree C", -100, "1.2")
        return [Seen("1", variable, reply, reply, reply, 1 if reply == -1 else reply)]  # -0.01 °C is no nonsense
    if isinstance(point, TablePoint | ColumnPoint):
        return {column: reply if isinstance(reply, dict) else {} for column in point.columns}
    if issubclass(device_class, SshDevice):
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
    wrong = WRONG_SCHEME["snmp" if device_class.kind in {"power_shelf", "cooling", "switch", "pdu"} else "visa"]
    with pytest.raises(BadAddress, match="reached by"):
        device_class.connect(parse(wrong), Options(), StillClock())


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown model 'px4'; known models: accelerator-host, amd-host, apc-cpdu"):
        open_device("px4", "visa://TCPIP::127.0.0.1::1::SOCKET", Options(), StillClock())
    assert "px4" not in MODELS
    with pytest.raises(KeyError):
        MODELS["px4"]


def test_every_pdu_is_tried_for_its_makers_number() -> None:
    for name in EVERY:
        for root in getattr(model(name), "roots", ()):
            assert name in _OF_ENTERPRISE[root.split(".")[6]]


def test_listing_the_models_imports_no_protocol() -> None:
    code = "import sys; from drivers.catalogue import MODELS; list(MODELS); print(*(m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pyvisa", "paramiko", "pysnmp"}


IDENTITIES = {
    "wt300e": "YOKOGAWA,WT310E,C3UF12345,F1.04",
    "wt500": "YOKOGAWA,760203-D0/G5,C1MA12345,F2.01",
    "wt1800e": "YOKOGAWA,WT1806E-06-D,C2XA12345,F3.01",
    "wt5000": "YOKOGAWA,WT5000,C3VE12345,F2.02",
    "lmg600": "ZES ZIMMER Electronic Systems GmbH, LMG671, 03320113, 1.022",
    "pw3390": "HIOKI,PW3390-03,123456789,V1.00",
    "pw8001": "HIOKI,PW8001-11,123456789,V1.60",
    "pa2203a": "Keysight Technologies,PA2203A,MY56000123,02.10",
    "chroma66205": "Chroma ATE,66205,662050001234,1.10",
    "infiniivision": "AGILENT TECHNOLOGIES,DSO-X 3024A,MY51001234,02.41",
}


@pytest.mark.parametrize(("name", "said"), IDENTITIES.items())
def test_a_probe_proposes_the_instrument_that_answers(name: str, said: str) -> None:
    with scpi_server({"*IDN?": f"{said}\n".encode()}) as server:
        assert propose(server.address, Options(timeout_s=0.5), StillClock()) == (name, said)
    # once to open, once to look
    assert server.heard == ["*IDN?", "*IDN?"]


@pytest.mark.parametrize(
    "said", ["KEYSIGHT,34465A,MY1,1", "RIGOL,DS1054Z,1,1", "YOKOGAWA,WT210,1,1", "HIOKI,PW3337,1,1"]
)
def test_a_probe_proposes_nothing_for_an_instrument_that_is_not_driven(said: str) -> None:
    with scpi_server({"*IDN?": f"{said}\n".encode()}) as server:
        assert propose(server.address, Options(timeout_s=0.5), StillClock()) == (None, said)
