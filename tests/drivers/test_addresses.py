import os
import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import SECRETS, Address, ipmi_target, parse, redfish_login, redfish_target
from drivers.errors import BadAddress, BadSecret, UsageError
from drivers.secrets import Secret, resolve

V3 = "snmp://probe@192.0.2.9:161?auth=SHA-256&priv=AES&auth_key=env:AUTH&priv_key=file:priv"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("visa://TCPIP::127.0.0.1::5025::SOCKET", "127.0.0.1", 5025),
        ("visa://TCPIP0::meter-a.lab.example::5025::SOCKET", "meter-a.lab.example", 5025),
        ("visa://TCPIP0::127.0.0.1::hislip0,4881::INSTR", "127.0.0.1", 4881),
        ("visa://TCPIP0::127.0.0.1,1024::inst0::INSTR", "127.0.0.1", 1024),
        ("visa://TCPIP0::[fe80::7]::5025::SOCKET", "fe80::7", 5025),
        ("visa://TCPIP::192.0.2.7::INSTR", "192.0.2.7", None),
        ("visa://ASRL/dev/ttyUSB0::INSTR", "", None),
    ],
)
def test_visa_resources_are_kept_verbatim(text: str, host: str, port: int | None) -> None:
    address = parse(text)
    assert (address.scheme, address.host, address.port) == ("visa", host, port)
    assert address.public == text
    assert address.resource == text.removeprefix("visa://")


@pytest.mark.parametrize(
    ("text", "public", "network"),
    [
        ("snmp://10.1.2.3?community=public", "snmp://10.1.2.3:161", ("snmp", "10.1.2.0/24", ("public",))),
        (
            "ssh://root@[2001:db8::1]:2222?key=file:k",
            "ssh://root@[2001:db8::1]:2222",
            ("ssh", "2001:db8::/64", ("file:k",)),
        ),
        (
            "ssh://root@t1.row2.example?password=env:PW",
            "ssh://root@t1.row2.example:22",
            ("ssh", "row2.example", ("env:PW",)),
        ),
        (V3, "snmp://probe@192.0.2.9:161", ("snmp", "192.0.2.0/24", ("env:AUTH", "file:priv"))),
    ],
)
def test_public_and_network(text: str, public: str, network: tuple[str, str, tuple[str, ...]]) -> None:
    assert parse(text).public == public
    assert parse(text).network == network


def test_neighbours_share_a_network_and_strangers_do_not() -> None:
    a, b, c, d = (
        parse(f"snmp://{host}?community={ref}").network
        for host, ref in [
            ("10.0.0.1:1", "public"),
            ("10.0.0.2:2", "public"),
            ("10.0.1.1", "public"),
            ("10.0.0.3", "env:X"),
        ]
    )
    assert a == b
    assert len({a, c, d}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.1",
        "http://10.0.0.1",
        "visa://",
        "visa://TCPIP::10.0.0.1::99999::SOCKET",
        "snmp://10.0.0.1",
        "snmp://10.0.0.1:0?community=public",
        "snmp://10.0.0.1:70000?community=public",
        "snmp://10.0.0.1/path?community=public",
        "snmp://10.0.0.1?community=public&community=public",
        "snmp://10.0.0.1?community=public&colour=blue",
        "snmp://u@10.0.0.1?auth=MD5&priv=AES&auth_key=env:A&priv_key=env:B",
        "snmp://u@10.0.0.1?auth=SHA-256&auth_key=env:A",
        "ssh://10.0.0.1?key=file:k",
        "ssh://root@10.0.0.1",
        "ssh://-oProxyCommand=x@10.0.0.1?key=file:k",
        "ssh://root@10.0.0.1?key=file:k&ipmi=admin@-x&ipmi_password=env:P",
        "ssh://root@10.0.0.1?key=file:k&ipmi=admin@10.0.0.2",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        parse(text)


@pytest.mark.parametrize(
    ("text", "public", "target", "login"),
    [
        ("redfish://bmc.example?pin=sha256:" + "a" * 64, "redfish://bmc.example:443", ("https", 443), ("", "")),
        ("redfish+http://u@10.0.0.1?password=env:P", "redfish+http://u@10.0.0.1:80", ("http", 80), ("u", "env:P")),
        ("redfish+ssh://root@10.0.0.1?key=file:k", "redfish+ssh://root@10.0.0.1:22", ("https", 443), ("", "")),
        (
            "redfish+ssh://root@10.0.0.1?key=file:k&to=http://192.0.2.1:8080&redfish_user=a&redfish_password=env:P",
            "redfish+ssh://root@10.0.0.1:22",
            ("http", 8080),
            ("a", "env:P"),
        ),
    ],
)
def test_redfish(text: str, public: str, target: tuple[str, int], login: tuple[str, str]) -> None:
    address = parse(text)
    scheme, _, port = redfish_target(address)
    assert (address.public, (scheme, port), redfish_login(address)) == (public, target, login)


def test_a_password_in_front_of_the_host_is_refused_unseen() -> None:
    with pytest.raises(BadSecret) as caught:
        parse("ssh://root:hunter2@10.0.0.1?key=file:k")
    assert "hunter2" not in str(caught.value)


@given(
    key=st.sampled_from(sorted(SECRETS)),
    secret=st.text(string.ascii_letters + string.digits + "!$*+,;:/?@ ", min_size=9).map(lambda tail: f"zq{tail}"),
)
def test_no_literal_secret_passes_or_shows(key: str, secret: str) -> None:
    scheme = "snmp://u@10.0.0.1" if key in {"community", "auth_key", "priv_key"} else "ssh://u@10.0.0.1"
    scheme = "redfish+ssh://u@10.0.0.1" if key == "redfish_password" else scheme
    with pytest.raises(UsageError) as caught:
        parse(f"{scheme}?{key}={secret}")
    assert secret not in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for prefix in (
        "",
        "visa://",
        "snmp://",
        "ssh://",
        "ssh://root@",
        "redfish://",
        "redfish+ssh://root@h?key=file:k&to=",
    ):
        with suppress(UsageError):
            assert isinstance(parse(prefix + text), Address)


@given(st.integers(0, 2**32 - 1), st.integers(1, 65535))
def test_an_address_survives_its_own_public_form(number: int, port: int) -> None:
    host = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    address = parse(f"snmp://{host}:{port}?community=public")
    assert parse(f"{address.public}?community=public") == address


def test_a_bmc_behind_a_jump_host() -> None:
    target = ipmi_target(parse("ssh://root@10.0.0.1?key=file:k&ipmi=admin@10.0.0.2:6230&ipmi_password=env:P"))
    assert target is not None
    assert (target.user, target.host, target.port) == ("admin", "10.0.0.2", 6230)


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]}"
    assert secret.reveal() == "hunter2"


def test_references_are_followed(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from file\n")
    found = [resolve(ref, tmp_path).reveal() for ref in ("file:pw", "env:PATH", "public")]
    assert found == ["from file", os.environ["PATH"], "public"]


@pytest.mark.parametrize("ref", ["env:RACKPROOF_NO_SUCH", "file:nowhere", "hunter2"])
def test_a_reference_that_leads_nowhere(ref: str, tmp_path: Path) -> None:
    with pytest.raises(BadSecret) as caught:
        resolve(ref, tmp_path)
    assert "hunter2" not in str(caught.value)
