"""One answer of a Redfish service: its body as JSON, its complaint in words, what went wrong as an error of ours."""

import http.client
import json
import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from drivers.errors import DriverError, Garbled, Silent, Unreachable, Untrusted
from drivers.redfish_values import entry, listed, text


class Answer(NamedTuple):
    """What came back: the status, the heads by lower-case name, and the body, {} where there was none."""

    status: int
    heads: Mapping[str, str]
    body: Any


def answered(response: http.client.HTTPResponse) -> Answer:
    """Read an answer to its end. Raises what the wire does."""
    heads = {name.lower(): value for name, value in response.getheaders()}
    data = response.read()
    return Answer(response.status, heads, _json(data) if data.strip() else {})


def _json(data: bytes) -> Any:
    """Read JSON; what is none is a Garbled in its place."""
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        shown = data[:200].decode("utf-8", "backslashreplace")
        return Garbled(f"not JSON: {type(error).__name__}", received=shown)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def is_error(body: Any) -> bool:
    """Tell whether a body is an error response (DSP0266 8.6), whatever the status says."""
    return isinstance(entry(body, "error"), Mapping) and "@odata.id" not in body


def wanted_wait(answer: Answer) -> float:
    """Return how many s a busy service asks to wait (Retry-After, RFC 9110 10.2.3), 0 where it does not."""
    said = answer.heads.get("retry-after", "").strip()
    if answer.status not in {429, 503} or not re.fullmatch(r"\d{1,6}", said, re.ASCII):
        return 0.0
    return max(1.0, float(said))


def expand_query(root: Any) -> str:
    """Return the query by which this service embeds the members of a collection, "" where it does not say that it can.

    DSP0266 7.3.2: `.` is for what is not in Links, a level only where Levels is offered.
    """
    offered = entry(root, "ProtocolFeaturesSupported", "ExpandQuery")
    if entry(offered, "NoLinks") is not True:
        return ""
    return "?$expand=.($levels=1)" if entry(offered, "Levels") is True else "?$expand=."


_NO_SESSION_LEFT = re.compile(r"SessionLimitExceeded|RAC0218|maximum number of (?:user )?sessions", re.IGNORECASE)


def no_session_left(answer: Answer) -> bool:
    """Tell whether a login failed for want of a free session (Base registry SessionLimitExceeded, and makers' own)."""
    more = listed(entry(entry(answer.body, "error"), "@Message.ExtendedInfo"))
    said = " ".join(f"{text(one, 'MessageId')} {text(one, 'Message')}" for one in more)
    return answer.status >= 400 and bool(_NO_SESSION_LEFT.search(f"{said} {text(answer.body, 'error', 'code')}"))


def complaint(answer: Answer) -> str:
    """Return what a service says about an error of its own (DSP0266 8.6), in one line."""
    error = entry(answer.body, "error")
    more = listed(entry(error, "@Message.ExtendedInfo"))
    said = [text(one, "Message") for one in more if text(one, "Message")] or [text(error, "message")]
    return " ".join([f"status {answer.status}", *filter(None, said)])[:300]


def translated(error: Exception, address: str, sent: str, wait_s: float) -> DriverError:
    """Return the error of ours for one that the socket, TLS or HTTP raised."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"the certificate is not the expected one: {error.verify_message}"
        fix = "somebody else may answer there; where the certificate was renewed, renew ca or pin"
        return Untrusted(what, address=address, sent=sent, fix=fix)
    if isinstance(error, TimeoutError):
        fix = "check load and network"
        return Silent(f"no reply within {wait_s:g} s", address=address, sent=sent, fix=fix)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        fix = "redfish+http:// where the service speaks no TLS"
        return Garbled(f"no TLS: {error.reason or error}", address=address, sent=sent, fix=fix)
    if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
        what = f"no HTTP: {type(error).__name__} {error}".strip()
        return Garbled(what[:200], address=address, sent=sent, fix="check the port")
    reason = error.strerror if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else str(error)
    what = (reason or str(error) or "the connection was closed").lower()
    fix = "check power, network and port, and that the service runs"
    return Unreachable(what, address=address, sent=sent, fix=fix)
