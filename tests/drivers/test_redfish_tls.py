import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.errors import Garbled, Unreachable, Untrusted
from drivers.options import Options
from drivers.redfish import RedfishTransport
from tests.drivers.redfish_server import PASSWORD, USER, certificate, redfish_server
from tests.servers import free_port, sshd

ROOT = {"RedfishVersion": "1.15.0"}
CHASSIS = "/redfish/v1/Chassis"


@contextmanager
def opened(address: str, folder: Path, timeout_s: float = 5.0, **options: Any) -> Iterator[RedfishTransport]:
    transport = RedfishTransport.open(parse(address), Options(folder, timeout_s=timeout_s, **options))
    try:
        yield transport
    finally:
        transport.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("tls")
    return folder, certificate(folder)


def pin(folder: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert((folder / "ca.pem").read_text())).hexdigest()


@pytest.mark.parametrize("by", ["ca", "pin"])
def test_a_proven_certificate(tls: tuple[Path, ssl.SSLContext], by: str) -> None:
    folder, context = tls
    with redfish_server({"/redfish/v1": ROOT, CHASSIS: {"Id": "c"}}, context) as server:
        address = f"redfish://127.0.0.1:{server.port}"
        how: dict[str, Any] = {"ca": Path("ca.pem")} if by == "ca" else {}
        rest = "" if by == "ca" else f"?pin=sha256:{pin(folder).upper()}"
        with opened(address + rest, folder, **how) as transport:
            assert transport.ask([CHASSIS])[CHASSIS] == {"Id": "c"}


def test_an_unproven_certificate_gets_no_password(tls: tuple[Path, ssl.SSLContext], tmp_path: Path) -> None:
    folder, context = tls
    certificate(tmp_path)
    (tmp_path / "pw").write_text(PASSWORD)
    with redfish_server({"/redfish/v1": ROOT}, context) as server:
        address = f"redfish://{USER}@127.0.0.1:{server.port}?password=file:pw"
        for rest, ca, what in [
            ("", None, "no certificate is given"),
            ("", Path("ca.pem"), "not the expected one"),
            ("", Path("nowhere.pem"), "cannot read"),
            (f"&pin=sha256:{'0' * 64}", None, "another certificate"),
        ]:
            with pytest.raises(Untrusted, match=what):
                RedfishTransport.open(parse(address + rest), Options(tmp_path, ca=ca))
    assert server.asked == []
    assert folder != tmp_path


def test_a_certificate_for_another_name(tls: tuple[Path, ssl.SSLContext]) -> None:
    folder, context = tls
    refused = pytest.raises(Untrusted, match="localhost")
    with redfish_server({"/redfish/v1": ROOT}, context) as server, refused:
        RedfishTransport.open(parse(f"redfish://localhost:{server.port}"), Options(folder, ca=Path("ca.pem")))


def test_a_service_without_tls(tls: tuple[Path, ssl.SSLContext]) -> None:
    with redfish_server({"/redfish/v1": ROOT}) as server, pytest.raises(Garbled, match="no TLS"):
        RedfishTransport.open(parse(f"redfish://127.0.0.1:{server.port}"), Options(tls[0], ca=Path("ca.pem")))


@pytest.mark.real
@pytest.mark.parametrize("secure", [True, False])
def test_a_service_behind_an_ssh_server(tls: tuple[Path, ssl.SSLContext], tmp_path: Path, secure: bool) -> None:
    folder, context = tls
    tree = {"/redfish/v1": ROOT, CHASSIS: {"Id": "c", "pad": "x" * 200_000}}
    with sshd(tmp_path) as daemon, redfish_server(tree, context if secure else None) as server:
        to = f"{'https' if secure else 'http'}://127.0.0.1:{server.port}"
        address = f"redfish+{daemon.address}&to={to}" + (f"&pin=sha256:{pin(folder)}" if secure else "")
        with opened(address, tmp_path, 20, host_key=Path("host_key.pub")) as transport:
            for _ in range(3):
                assert transport.ask([CHASSIS])[CHASSIS]["Id"] == "c"
        nowhere = f"redfish+{daemon.address}&to=http://127.0.0.1:{free_port()}"
        with pytest.raises(Unreachable, match="the jump host gives no connection"):
            RedfishTransport.open(parse(nowhere), Options(tmp_path, Path("host_key.pub"), 20))
