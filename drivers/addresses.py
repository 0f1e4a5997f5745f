"""Addresses of devices: where, by which protocol, and which references lead to the secrets.

`visa://` carries a VISA resource verbatim (VPP-4.3), the others are URIs (RFC 3986). A secret is always a reference,
`env:NAME`, `file:PATH` or the word `public`; a literal one is refused, and no message repeats it.

`redfish://` is TLS, proven by the inventory's `ca` or by `pin=sha256:…`, the digest of the service's own certificate;
`redfish+http://` is in the clear. `redfish+ssh://user@host` names an SSH server and reaches the service from there:
`to=https://host:port` (its own port 443 by default), with `redfish_user` and `redfish_password` for the service.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from drivers.errors import BadAddress, BadSecret

SECRETS = frozenset({"community", "auth_key", "priv_key", "password", "key", "ipmi_password", "redfish_password"})
"""Query keys whose value is a reference."""

AUTH = ("SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
"""Authentication of SNMPv3 (RFC 3414, RFC 7860)."""

PRIV = ("AES", "AES-192", "AES-256")
"""Privacy of SNMPv3: AES is the 128-bit one of RFC 3826, the longer ones as Cisco and net-snmp localise their keys."""

LOGINS = ("session", "basic")
"""How a Redfish service is logged in to (DSP0266 13.3): by a session where it has them, or with every request."""

_KEYS = {
    "snmp": frozenset({"community", "auth", "priv", "auth_key", "priv_key"}),
    "ssh": frozenset({"key", "password", "ipmi", "ipmi_password"}),
    "redfish": frozenset({"password", "login", "pin"}),
    "redfish+http": frozenset({"password", "login"}),
    "redfish+ssh": frozenset({"key", "password", "to", "redfish_user", "redfish_password", "login", "pin"}),
}
_PORTS = {"snmp": 161, "ssh": 22, "redfish": 443, "redfish+http": 80, "redfish+ssh": 22}
_SCHEMES = ("visa", "snmp", "ssh", "redfish", "redfish+http", "redfish+ssh")
_PIN = re.compile(r"sha256:[0-9A-Fa-f]{64}")
_TO = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(\d+))?/?")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+|public")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9]+)?")
_USER = re.compile(r"[A-Za-z0-9_.@-]+")
_RESOURCE = re.compile(r"[\x21-\x7e]+")
_TCPIP = re.compile(r"TCPIP\d*::(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?:,(\d+))?::(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """One device's address, read.

    `host` is "" and `port` None where the resource names none (a serial port); `resource` is the VISA resource, "" for
    the other schemes; `query` holds names of algorithms and references to secrets, never a secret.
    """

    scheme: str
    host: str
    port: int | None
    user: str
    resource: str
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def public(self) -> str:
        """The address without its query: safe to print."""
        if self.scheme == "visa":
            return f"visa://{self.resource}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{host}:{self.port}"

    @property
    def network(self) -> tuple[str, str, tuple[str, ...]]:
        """What neighbours share on the path: protocol, network of the host, references to credentials.

        An answer of a neighbour with the same network proves the cable, the router and the credentials.
        """
        used = tuple(sorted({v for k, v in self.query.items() if k in SECRETS}))
        return self.scheme, _network(self.host or self.resource), used


def parse(text: str) -> Address:
    """Read an address; no I/O.

    Raises BadAddress, or BadSecret where a secret is not a reference. Neither repeats the query nor the user.
    """
    scheme, mark, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in _SCHEMES:
        known = ", ".join(f"{s}://" for s in _SCHEMES)
        what = f"an address begins with one of {known}"
        raise BadAddress(what, fix="visa://…, snmp://host:port?… or ssh://user@host:port?…")
    return _visa(rest) if scheme == "visa" else _uri(scheme, rest)


def _visa(resource: str) -> Address:
    if not _RESOURCE.fullmatch(resource) or "::" not in resource:
        raise BadAddress("visa:// is followed by a VISA resource", fix="visa://TCPIP::192.0.2.7::5025::SOCKET")
    found = _TCPIP.fullmatch(resource)
    if not found:
        return Address("visa", "", None, "", resource)
    host, port, rest = found[1].strip("[]"), found[2], found[3]
    fields = rest.split("::")
    if fields[-1].upper() == "SOCKET":
        port = fields[0]
    elif "," in fields[0]:
        port = fields[0].partition(",")[2]
    return Address("visa", host, _port(port, "visa") if port else None, "", resource)


def _uri(scheme: str, rest: str) -> Address:
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress(f"{scheme}://: host or port cannot be read", fix=f"{scheme}://host:port?…") from None
    if parts.password is not None:
        raise BadSecret(f"{scheme}://: a password stands in the address", fix="?password=env:NAME or file:PATH")
    if parts.path.strip("/") or parts.fragment or not _HOST.fullmatch(host):
        raise BadAddress(f"{scheme}://: expected a host and a port before the query", fix=f"{scheme}://host:port?…")
    user = unquote(parts.username or "")
    if user and not _USER.fullmatch(user):
        raise BadAddress(f"{scheme}://: the user's name has characters that no user's name has")
    number = _port(str(port), scheme) if port is not None else _PORTS[scheme]
    address = Address(scheme, host, number, user, "", _query(scheme, parts.query))
    _complete(address)
    return address


def _port(text: str, scheme: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadAddress(f"{scheme}://: the port is not a number from 1 to 65535")
    return int(text)


def _query(scheme: str, text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, text.split("&")):
        key, _, raw = pair.partition("=")
        if key not in _KEYS[scheme] or key in found:
            known = ", ".join(sorted(_KEYS[scheme]))
            raise BadAddress(f"{scheme}://: unknown or repeated key in the query; known keys: {known}")
        value = unquote(raw)
        if key in SECRETS and not _REFERENCE.fullmatch(value):
            raise BadSecret(
                f"{scheme}://: {key} must be a reference, not the secret itself", fix="env:NAME or file:PATH"
            )
        found[key] = value
    return MappingProxyType(found)


def _complete(address: Address) -> None:
    if address.scheme.startswith("redfish"):
        _complete_redfish(address)
    elif address.scheme == "ssh":
        _complete_ssh(address)
    elif address.user:
        _complete_v3(address)
    elif set(address.query) != {"community"}:
        raise BadAddress("snmp:// needs ?community=REF, or a user", address=address.public)


def _complete_ssh(address: Address) -> None:
    if not address.user:
        fix = f"{address.scheme}://root@host:22?key=file:client_key"
        raise BadAddress(f"{address.scheme}:// needs a user", address=address.public, fix=fix)
    if not {"key", "password"} & set(address.query):
        raise BadAddress(f"{address.scheme}:// needs ?key=REF or ?password=REF", address=address.public)
    if "ipmi" in address.query:
        ipmi_target(address)


def _complete_redfish(address: Address) -> None:
    q, what = address.query, ""
    if address.scheme == "redfish+ssh":
        _complete_ssh(address)
        redfish_target(address)
    user, password = redfish_login(address)
    if bool(user) != bool(password):
        what = "a Redfish user needs a password, and a password a user"
    elif q.get("login", LOGINS[0]) not in LOGINS:
        what = f"login is one of {', '.join(LOGINS)}"
    elif "pin" in q and not _PIN.fullmatch(q["pin"]):
        what = "pin is sha256: and the 64 hexadecimal digits of the certificate's digest"
    if what:
        raise BadAddress(what, address=address.public)


def redfish_login(address: Address) -> tuple[str, str]:
    """Return the user of a Redfish service and the reference to the password, "" where there is no login."""
    if address.scheme == "redfish+ssh":
        return address.query.get("redfish_user", ""), address.query.get("redfish_password", "")
    return address.user, address.query.get("password", "")


def redfish_target(address: Address) -> tuple[str, str, int]:
    """Return scheme ("https" or "http"), host and port of a Redfish service, as seen from where we speak to it.

    Raises BadAddress where `to` of a `redfish+ssh://` cannot be read.
    """
    if address.scheme != "redfish+ssh":
        return ("https" if address.scheme == "redfish" else "http"), address.host, address.port or 0
    found = _TO.fullmatch(address.query.get("to", "https://127.0.0.1:443"))
    if not found or found[2].startswith("-"):
        fix = "to=https://127.0.0.1:443"
        raise BadAddress("to needs http:// or https://, a host and a port", address=address.public, fix=fix)
    port = _port(found[3] or ("443" if found[1] == "https" else "80"), address.scheme)
    return found[1], found[2].strip("[]"), port


def _complete_v3(address: Address) -> None:
    q = address.query
    if set(q) != {"auth", "priv", "auth_key", "priv_key"}:
        raise BadAddress("SNMPv3 needs auth, priv, auth_key and priv_key", address=address.public)
    if q["auth"] not in AUTH or q["priv"] not in PRIV:
        what = f"SNMPv3 knows auth {', '.join(AUTH)} and priv {', '.join(PRIV)}"
        raise BadAddress(what, address=address.public)


def ipmi_target(address: Address) -> Address | None:
    """Return user, host and port of the BMC behind a jump host (`?ipmi=user@host:port`), or None without one.

    Raises BadAddress where it cannot be read or no `ipmi_password` goes with it.
    """
    text = address.query.get("ipmi")
    if text is None:
        return None
    found = re.fullmatch(r"([A-Za-z0-9_.-]+)@([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(\d+))?", text)
    if not found or found[2].startswith("-") or "ipmi_password" not in address.query:
        raise BadAddress("ipmi needs user@host:port and ipmi_password=REF", address=address.public)
    return Address("ipmi", found[2].strip("[]"), _port(found[3] or "623", "ipmi"), found[1], "")


def _network(host: str) -> str:
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.partition(".")[2] or host
    prefix = 24 if number.version == 4 else 64
    return str(ipaddress.ip_network((number, prefix), strict=False))
