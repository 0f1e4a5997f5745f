"""Redfish: resources of a service as JSON (DMTF DSP0266), over TLS, in the clear, or from behind an SSH server.

A query is the path of a resource, with `#/pointer` for a part of it; its reply is the resource as a dict. Resources
are asked for one after the other on one connection, which is opened again when the service has dropped it.
"""

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote, urljoin, urlsplit

from drivers.addresses import Address, redfish_login
from drivers.errors import BadAddress, DeviceRefused, DriverError, Garbled, LoginRefused, NoReading, Unreachable
from drivers.options import Options
from drivers.points import Clock, Device
from drivers.redfish_http import (
    Answer,
    answered,
    complaint,
    expand_query,
    is_error,
    no_session_left,
    translated,
    wanted_wait,
)
from drivers.redfish_link import Link, Stream
from drivers.redfish_paths import count_stated, embedded, following, member_path, part
from drivers.redfish_values import Body, link, listed, text
from drivers.secrets import Secret, resolve

ROOT = "/redfish/v1/"
SESSIONS = "/redfish/v1/SessionService/Sessions"
MOST_MEMBERS = 4096
MOST_PAGES = 1024
"""A collection with more is a service gone astray."""

MOST_WAIT_S = 30.0
"""How long a service that is busy (503, 429) may ask us to wait; what asks for more has refused."""

_REDIRECTS = 3
_DEAD = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)
_NO_SESSIONS = frozenset({404, 405, 501, 503})


class RedfishTransport:
    """One service. Threads may share it: one exchange at a time."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._timeout_s = address, options.timeout_s
        self._user, reference = redfish_login(address)
        self._password = resolve(reference, options.folder) if reference else Secret("")
        self._login = address.query.get("login", "session") if self._user else ""
        self._token, self._session = "", ""
        self._lock = threading.RLock()
        self._expand = ""
        self._stream: Stream | None = None
        self._closed = False
        self._link = Link(address, options)
        self.pause: Callable[[float], object] = threading.Event().wait

    @classmethod
    def open(cls, address: Address, options: Options) -> Self:
        """Connect and log in. Raises Untrusted, LoginRefused, Unreachable, Silent, Garbled, BadSecret."""
        transport = cls(address, options)
        try:
            transport._log_in()
        except BaseException:
            transport.close()
            raise
        return transport

    @property
    def address(self) -> str:
        """The address without passwords."""
        return self._address.public

    @property
    def expands(self) -> bool:
        """Whether a collection comes with its members in it: then walking to it anew costs one request."""
        return bool(self._expand)

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Get each resource once. One that is not there is a NoReading, one that is refused a DeviceRefused.

        Raises Unreachable, Silent, LoginRefused; Garbled where no HTTP comes back.
        """
        whole: dict[str, Any] = {}
        for path in dict.fromkeys(query.partition("#")[0] for query in queries):
            whole[path] = self._resource(path)
        return {query: part(whole[query.partition("#")[0]], query.partition("#")[2]) for query in queries}

    def members(self, path: str, most: int = MOST_MEMBERS) -> Iterator[tuple[str, Any]]:
        """Get the resources of a collection, over all its pages: pairs of path and resource, or what came instead.

        Members@odata.count is not believed, what is listed is read. Members that are embedded are not asked for; a
        service that says so is asked to embed them ($expand, DSP0266 7.3), and left alone with it where it then fails.
        Raises as `ask` does; NoReading, DeviceRefused or Garbled where the collection itself cannot be had.
        """
        for count, (where, body) in enumerate(self._listed(path)):
            if count >= most:
                raise Garbled(f"more than {most} members", address=self.address, sent=path)
            yield where, (body if embedded(body) else self.ask([where])[where])

    def send(self, method: str, path: str, body: Body | None = None) -> Answer:
        """Put one request and return its answer, whatever its status.

        Raises Unreachable, Silent, LoginRefused, Garbled.
        """
        answer = self._sent(method, path, body)
        left_s = MOST_WAIT_S
        while method == "GET" and 0 < (wait_s := wanted_wait(answer)) <= left_s:
            left_s -= wait_s
            self.pause(wait_s)
            answer = self._sent(method, path, body)
        if answer.status == 401:
            raise self._not_let_in(f"{method} {path}", answer)
        return answer

    def _sent(self, method: str, path: str, body: Body | None) -> Answer:
        with self._lock:
            answer = self._exchange(method, path, body)
            if answer.status == 401 and self._token:
                self._token = ""  # the session has run out: log in anew, once
                self._log_in()
                answer = self._exchange(method, path, body)
        return answer

    def close(self) -> None:
        """End the session and hang up; closing twice does no harm."""
        with self._lock:
            if self._session and self._token and not self._closed:
                try:
                    self._exchange("DELETE", self._session, None)
                except DriverError:
                    self._token = ""  # gone already, or out of reach: it ends by itself
            self._closed = True
            self._drop()
            self._link.close()

    def _log_in(self) -> None:
        root = self._exchange("GET", ROOT, None)
        self._expand = expand_query(root.body)
        if self._login != "session":
            return
        path = link(root.body, "Links", "Sessions") or SESSIONS
        credentials = {"UserName": self._user, "Password": self._password.reveal()}
        answer = self._exchange("POST", path, credentials)
        without = answer.status in _NO_SESSIONS or no_session_left(answer)
        if without and "login" not in self._address.query:
            self._login = "basic"
            return
        self._token = answer.heads.get("x-auth-token", "")
        if answer.status not in {200, 201} or not self._token:
            raise self._not_let_in(f"POST {path}", answer)
        self._session = urlsplit(answer.heads.get("location") or text(answer.body, "@odata.id")).path

    def _not_let_in(self, sent: str, answer: Answer) -> LoginRefused:
        fix = "check user and password, and whether the account is locked; ?login=basic where sessions are not offered"
        what = f"the login is not accepted: {complaint(answer)}"
        return LoginRefused(what, address=self.address, sent=sent, received=complaint(answer), fix=fix)

    def _resource(self, path: str) -> Any:
        """Get one resource; what concerns it alone is the reply."""
        for _ in range(_REDIRECTS + 1):
            answer = self.send("GET", path)
            if answer.status not in {301, 302, 307, 308}:
                return self._judged(path, answer)
            where = urlsplit(urljoin(path, answer.heads.get("location", "")))
            if where.netloc not in {"", self._link.host, f"{self._link.host}:{self._link.port}"}:
                return Garbled(f"sent elsewhere, to {where.netloc}", address=self.address, sent=path)
            path = where.path
        return Garbled("sent from one address to the next", address=self.address, sent=path)

    def _judged(self, path: str, answer: Answer) -> Any:
        sent, shown = f"GET {path}", complaint(answer)
        if answer.status in {404, 410}:
            return NoReading(f"the service has no such resource: {path}", address=self.address, sent=sent)
        if answer.status != 200 or is_error(answer.body):
            return DeviceRefused(shown, address=self.address, sent=sent, received=shown)
        if isinstance(answer.body, DriverError):
            return answer.body
        if not isinstance(answer.body, dict):
            return Garbled("not a resource", address=self.address, sent=sent, received=str(answer.body)[:200])
        return answer.body

    def _listed(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        page, pages, seen, stated = path, set[str](), set[str](), 0
        while page and page not in pages:
            if len(pages) >= MOST_PAGES:
                raise Garbled(f"more than {MOST_PAGES} pages", address=self.address, sent=path)
            body = self._expanded(page) if page == path else self.ask([page])[page]
            if isinstance(body, DriverError):
                if 0 < stated <= len(seen):
                    return  # what leads on leads nowhere, and everything that was stated is there
                raise body if page == path else self._cut_short(page, body)
            pages.add(page)
            stated = stated or count_stated(body)
            for place, member in enumerate(listed(body.get("Members"))):
                where = member_path(member, page, place)
                if where and where not in seen and where not in pages:
                    seen.add(where)
                    yield where, member
            page = following(body, page)

    def _expanded(self, path: str) -> Any:
        if self._expand and "?" not in path:
            body = self.ask([f"{path}{self._expand}"])[f"{path}{self._expand}"]
            if not isinstance(body, DriverError) and isinstance(body.get("Members"), list):
                return body
            self._expand = ""  # it says that it can, and cannot
        return self.ask([path])[path]

    def _cut_short(self, page: str, error: DriverError) -> DriverError:
        """Name a page that is missing: what was listed before it is not the whole collection."""
        what = f"a collection without its next page: {error.what}"
        return Garbled(what, address=self.address, sent=f"GET {page}", received=error.received)

    def _exchange(self, method: str, path: str, body: Body | None) -> Answer:
        """Put one request; where a kept connection turns out to be dead, once more on a new one."""
        sent = f"{method} {path}"
        with self._lock:
            for fresh in (self._stream is None, True):
                try:
                    return self._once(method, path, body)
                except _DEAD as error:
                    self._drop()
                    if fresh or method != "GET":
                        raise self._translated(error, sent) from error
                except (OSError, http.client.HTTPException, EOFError, DriverError) as error:
                    self._drop()
                    raise self._translated(error, sent) from error
                except BaseException:
                    self._drop()  # half an answer may still be on its way
                    raise
        raise AssertionError("the second round returns or raises")

    def _once(self, method: str, path: str, body: Body | None) -> Answer:
        if self._closed:
            raise Unreachable("this connection is closed")
        self._stream = self._stream or self._link.open()
        connection = http.client.HTTPConnection(self._link.host, self._link.port)
        connection.auto_open, connection.sock = 0, self._stream
        self._stream.begin(self._timeout_s)
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, quote(path, safe="/?&=$(),;:@!*'+%-._~"), data, self._heads(data))
        with connection.getresponse() as response:
            answer = answered(response)
            if response.will_close:
                self._drop()
        return answer

    def _heads(self, data: bytes | None) -> dict[str, str]:
        heads = {"Accept": "application/json", "OData-Version": "4.0", "Accept-Encoding": "identity"}
        if data is not None:
            heads["Content-Type"] = "application/json"
        if self._token:
            heads["X-Auth-Token"] = self._token
        elif self._login == "basic":
            pair = f"{self._user}:{self._password.reveal()}".encode()
            heads["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return heads

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _translated(self, error: Exception, sent: str) -> DriverError:
        if isinstance(error, DriverError):
            error.address, error.sent = error.address or self.address, error.sent or sent
            return error
        return translated(error, self.address, sent, self._timeout_s)


class RedfishDevice(Device[RedfishTransport]):
    """Something with a Redfish service."""

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Connect and log in. Raises BadAddress for another protocol, and as `RedfishTransport.open` does."""
        if not address.scheme.startswith("redfish"):
            what = f"{cls.model} is reached by redfish://, not {address.scheme}://"
            raise BadAddress(what, address=address.public)
        transport = RedfishTransport.open(address, options)
        transport.pause = clock.sleep
        return cls(transport, clock)
