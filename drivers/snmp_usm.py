"""SNMP version 3 with authentication and privacy (RFC 3414, 3826, 7860) as a session, by way of pysnmp."""

from collections.abc import Sequence
from typing import Any

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import auth as usm
from pysnmp.proto import errind

from drivers import snmp_engine
from drivers.errors import Garbled, LoginRefused, Silent, Unreachable
from drivers.snmp_keys import User
from drivers.snmp_messages import Answer, Oid, plain

_AUTH = {
    "SHA": usm.USM_AUTH_HMAC96_SHA,
    "SHA-224": usm.USM_AUTH_HMAC128_SHA224,
    "SHA-256": usm.USM_AUTH_HMAC192_SHA256,
    "SHA-384": usm.USM_AUTH_HMAC256_SHA384,
    "SHA-512": usm.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {"AES": usm.USM_PRIV_CFB128_AES, "AES-192": usm.USM_PRIV_CFB192_AES, "AES-256": usm.USM_PRIV_CFB256_AES}
_LOGIN = (
    errind.WrongDigest,
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.DecryptionError,
    errind.UnsupportedSecurityLevel,
    errind.UnknownCommunityName,
)
_SILENT_FIX = "check power, network and port; a wrong community or privacy key looks the same"


class UsmSession:
    """One agent and one user. Nothing is sent on opening; `timeout_s` is for one exchange with its retries."""

    def __init__(self, host: str, port: int, user: User, timeout_s: float, public: str) -> None:
        self.timeout_s, self.bulk, self.wide, self.answered = timeout_s, True, True, False
        self._where, self._public = (host, port), public
        self._credentials = usm.UsmUserData(
            user.name,
            authKey=user.auth_key,
            privKey=user.priv_key,
            authProtocol=_AUTH[user.auth],
            privProtocol=_PRIV[user.priv],
        )
        self._target: Any = None
        self._thread = snmp_engine.acquire(self)

    def exchange(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Answer:
        """Ask once and return the answer. Raises Silent, LoginRefused, Unreachable, or Garbled."""
        try:
            found = self._thread.run(self._ask(kind, oids, repetitions))
        except PySnmpError as error:
            raise Unreachable(str(error), address=self._public) from error
        self._complain(found.indication, oids)
        self.answered = True
        return Answer(found.status, found.index, [(oid, plain(value)) for oid, value in found.bindings])

    def put(self, oid: Oid, value: int) -> Answer:
        """Set one INTEGER; it goes out once, whatever becomes of it. Raises as `exchange` does."""
        try:
            found = self._thread.run(self._set(oid, value))
        except PySnmpError as error:
            raise Unreachable(str(error), address=self._public) from error
        self._complain(found.indication, [oid])
        return Answer(found.status, found.index, [])

    def close(self) -> None:
        """Hang up; the last one to do so ends the engine's thread."""
        snmp_engine.release(self)

    async def _ask(self, kind: int, oids: Sequence[Oid], repetitions: int) -> snmp_engine.Outcome:
        if self._target is None:
            self._target = await self._thread.target(*self._where, self.timeout_s)
        return await self._thread.exchange(self._target, self._credentials, kind, oids, repetitions)

    async def _set(self, oid: Oid, value: int) -> snmp_engine.Outcome:
        target = await self._thread.target(*self._where, self.timeout_s, retries=0)
        return await self._thread.set(target, self._credentials, oid, value)

    def _complain(self, indication: Any, oids: Sequence[Oid]) -> None:
        if indication is None:
            return
        sent = ", ".join(".".join(map(str, oid)) for oid in oids)
        if isinstance(indication, errind.RequestTimedOut):
            what = f"no reply within {self.timeout_s:g} s"
            raise Silent(what, address=self._public, sent=sent, fix=_SILENT_FIX)
        if isinstance(indication, _LOGIN):
            fix = "check the user's name, its keys and their algorithms"
            raise LoginRefused(str(indication), address=self._public, sent=sent, fix=fix)
        raise Garbled(str(indication), address=self._public, sent=sent)
