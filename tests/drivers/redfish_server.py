"""A Redfish service on loopback that serves a tree of resources, and can be made to misbehave."""

import base64
import ipaddress
import json
import socketserver
import ssl
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "admin", "correct horse"


@dataclass
class Service:
    """What is served: bodies by path (objects or raw octets), statuses that are not 200, and what was asked.

    `expands` embeds members for `$expand`; `busy` counts down answers 503; `actions` take what is posted to a path and
    return a status; `no_session` is what a login is told by a service that has no session left.
    """

    tree: dict[str, Any]
    status: dict[str, int] = field(default_factory=dict)
    guarded: bool = False
    sessions: bool = True
    hang_up_after: int = 0
    expands: bool = False
    busy: dict[str, int] = field(default_factory=dict)
    actions: dict[str, Callable[[Any], int]] = field(default_factory=dict)
    no_session: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    port: int = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        service = self.server.service
        service.asked.append(self.path)
        path, _, expand = self.path.rstrip("/").partition("?$expand=" if service.expands else "\0")
        if service.busy.get(path, 0) > 0:
            service.busy[path] -= 1
            self._answer(503, {}, {"Retry-After": "2"})
        elif service.guarded and path != "/redfish/v1" and not self._let_in():
            self._answer(401, {"error": {"message": "log in first"}})
        elif path in service.status and service.status[path] != 200:
            self._answer(service.status[path], service.tree.get(path, {"error": {"message": "no"}}))
        elif path in service.tree:
            self._answer(200, self._embedded(service.tree[path]) if expand else service.tree[path])
        else:
            self._answer(404, {"error": {"message": "no such resource"}})
        if service.hang_up_after and len(service.asked) % service.hang_up_after == 0:
            self.close_connection = True

    def _embedded(self, body: Any) -> Any:
        tree = self.server.service.tree
        return body | {"Members": [tree.get(one["@odata.id"], one) for one in body["Members"]]}

    def do_POST(self) -> None:
        service = self.server.service
        service.asked.append(f"POST {self.path}")
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path in service.actions:
            status = service.actions[self.path](said)
            self._answer(status, b"" if status == 204 else {})
        elif service.no_session is not None:
            self._answer(400, service.no_session)
        elif not service.sessions:
            self._answer(405, {})
        elif (said["UserName"], said["Password"]) != (USER, PASSWORD):
            self._answer(401, {"error": {"@Message.ExtendedInfo": [{"Message": "wrong password"}]}})
        else:
            token = f"token-{len(service.tokens)}"
            service.tokens.add(token)
            heads = {"X-Auth-Token": token, "Location": f"{self.path}/1"}
            self._answer(201, {"@odata.id": f"{self.path}/1"}, heads)

    def do_DELETE(self) -> None:
        self.server.service.asked.append(f"DELETE {self.path}")
        self.server.service.tokens.discard(self.headers.get("X-Auth-Token", ""))
        self._answer(204, b"")

    def _let_in(self) -> bool:
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        token = self.headers.get("X-Auth-Token")
        return token in self.server.service.tokens or self.headers.get("Authorization") == basic

    def _answer(self, status: int, body: Any, heads: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(heads or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self._connections: set[Any] = set()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass

    def hang_up(self) -> None:
        for connection in list(self._connections):
            connection.close()


@contextmanager
def redfish_server(tree: dict[str, Any], context: ssl.SSLContext | None = None, **how: Any) -> Iterator[Service]:
    """Serve a tree; with `context` over TLS."""
    service = Service(tree, **how)
    with _Server(service) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        service.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def archive(path: Path) -> dict[str, Any]:
    """Read a mock-up's archive: bytes by path."""
    with tarfile.open(path) as tar:
        files = [member for member in tar.getmembers() if member.name.endswith("/index.json")]
        return {f"/{member.name.removesuffix('/index.json')}": tar.extractfile(member).read() for member in files}  # type: ignore[union-attr]


def collection(path: str, *members: Any, count: int | None = None) -> dict[str, Any]:
    """Build a collection of paths, or of embedded resources."""
    listed = [{"@odata.id": member} if isinstance(member, str) else member for member in members]
    return {"@odata.id": path, "Members": listed, "Members@odata.count": len(listed) if count is None else count}


class _Raw(socketserver.BaseRequestHandler):
    server: "_RawServer"

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.request.recv(4096)
            if not data:
                return
            head += data
        self.server.heard.append(head)
        with suppress(OSError):
            for piece in self.server.reply():
                self.request.sendall(piece)
                if self.server.ended.wait(self.server.pause_s):
                    return


class _RawServer(socketserver.ThreadingTCPServer):
    daemon_threads = False

    def __init__(self, reply: Callable[[], Iterable[bytes]], pause_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Raw)
        self.reply, self.pause_s, self.ended = reply, pause_s, threading.Event()
        self.heard = list[bytes]()


@contextmanager
def raw_server(reply: Callable[[], Iterable[bytes]], pause_s: float = 0.0) -> Iterator[_RawServer]:
    """Answer every request with these octets, whatever they are, `pause_s` s between the pieces, and hang up."""
    with _RawServer(reply, pause_s) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1 in `folder`/ca.pem and return the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shelf")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context
