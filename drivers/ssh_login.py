"""Opening an SSH connection: the server proves its host key, we prove ours (RFC 4253, RFC 4252)."""

import base64
import binascii
import io
import logging
import re
import socket
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from drivers.addresses import Address
from drivers.errors import BadSecret, DriverError, LoginRefused, Silent, Unreachable, Untrusted
from drivers.options import Options
from drivers.secrets import Secret, resolve

KEEPALIVE_S = 15

# paramiko reports each lost connection with a traceback on standard error unless somebody listens.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_KEY_LINE = re.compile(r"(?:^|\s)((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/=]+)")
_KEY_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def login(address: Address, options: Options) -> paramiko.SSHClient:
    """Connect and log in; the caller closes the client.

    Raises Untrusted before any credential is sent, LoginRefused, Unreachable, Silent, BadSecret.
    """
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    for key in _host_keys(address, options):
        client.get_host_keys().add(_known_name(address), key.get_name(), key)
    credentials = _credentials(address, options)
    try:
        _connect(client, address, options.timeout_s, credentials)
    except (OSError, EOFError, paramiko.SSHException) as error:
        client.close()
        raise translated(error, address.public, "the login", options.timeout_s) from error
    return client


def _connect(client: paramiko.SSHClient, address: Address, wait_s: float, credentials: dict[str, Any]) -> None:
    sock = socket.create_connection((address.host, address.port or 22), wait_s)
    # Without it Nagle's algorithm holds back every command until the last packet is acknowledged.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        client.connect(
            address.host,
            address.port or 22,
            address.user,
            sock=sock,
            timeout=wait_s,
            banner_timeout=wait_s,
            auth_timeout=wait_s,
            channel_timeout=wait_s,
            allow_agent=False,
            look_for_keys=False,
            **credentials,
        )
    except BaseException:
        sock.close()
        raise
    transport = client.get_transport()
    if transport is not None:
        transport.set_keepalive(KEEPALIVE_S)


def _known_name(address: Address) -> str:
    return address.host if address.port == 22 else f"[{address.host}]:{address.port}"


def _host_keys(address: Address, options: Options) -> list[paramiko.PKey]:
    fix = "state host_key, the path of the server's public key, in the inventory"
    if options.host_key is None:
        raise Untrusted("no host key is given, and an unknown one is never accepted", address=address.public, fix=fix)
    path = options.folder / options.host_key
    try:
        found = [_public_key(kind, data) for kind, data in _KEY_LINE.findall(_lines(path))]
    except (OSError, ValueError, paramiko.SSHException, UnsupportedAlgorithm) as error:
        raise Untrusted(f"cannot read the host key {path}: {error}", address=address.public, fix=fix) from error
    if not found:
        raise Untrusted(f"no host key in {path}", address=address.public, fix=fix)
    return found


def _lines(path: Path) -> str:
    return "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))


def _public_key(kind: str, data: str) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_type_string(kind, base64.b64decode(data, validate=True))
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _credentials(address: Address, options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "key" in address.query:
        found["pkey"] = _private_key(resolve(address.query["key"], options.folder), address)
    if "password" in address.query:
        found["password"] = resolve(address.query["password"], options.folder).reveal()
    return found


def _private_key(text: Secret, address: Address) -> paramiko.PKey:
    # paramiko has no "any kind" for text; the wrong kinds say so with one of these.
    for kind in _KEY_KINDS:
        try:
            return kind.from_private_key(io.StringIO(text.reveal() + "\n"))
        except paramiko.PasswordRequiredException:
            raise BadSecret(
                "the private key has a passphrase", address=address.public, fix="give one without"
            ) from None
        except (paramiko.SSHException, ValueError, IndexError, UnsupportedAlgorithm):
            continue
    raise BadSecret("not a private key that can be read", address=address.public, fix="ssh-keygen -t ed25519")


def translated(error: Exception, address: str, sent: str, wait_s: float) -> DriverError:
    """Return the error of ours for one that paramiko or the socket raised."""
    if isinstance(error, paramiko.BadHostKeyException) or "not found in known_hosts" in str(error):
        fix = "somebody else may answer there; where the server was renewed, renew host_key"
        return Untrusted("the server shows another host key than expected", address=address, sent=sent, fix=fix)
    if isinstance(error, TimeoutError) or _ran_out(error):
        return Silent(f"no reply within {wait_s:g} s", address=address, sent=sent, fix="check load and network")
    if isinstance(error, paramiko.AuthenticationException):
        fix = "check the user's name, and that the server knows this key or password"
        return LoginRefused("the server does not accept the login", address=address, sent=sent, fix=fix)
    reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
    what = reason or "the connection was closed"
    return Unreachable(what, address=address, sent=sent, fix="check that sshd runs there, the port and the network")


def _ran_out(error: Exception) -> bool:
    """Tell whether a time-out lies behind it: paramiko reports some as errors of the protocol or of the login."""
    cause = error.__cause__ or error.__context__
    text = str(error).lower()
    # "Error reading SSH protocol banner" stands for a silent server and for a closed connection alike.
    silent_banner = "banner" in text and not isinstance(cause, EOFError | ConnectionError)
    # paramiko waits for the key exchange, gives up without a word, and then finds no session.
    words = ("timeout", "timed out", "no existing session")
    return any(word in text for word in words) or isinstance(cause, TimeoutError) or silent_banner
