"""Signed envelopes: DSSE v1 (github.com/secure-systems-lab/dsse), the envelope that in-toto attestations use."""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from harness.evidence.keys import PublicKey, Signer


class BadEnvelope(Exception):
    """Something that is no envelope of this kind; says what is wrong."""


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return what is really signed: DSSE's PAE, which binds the type to the payload.

    >>> pre_authentication("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload_type: str, payload: bytes, signer: Signer) -> bytes:
    """Return the envelope of `payload`, as JSON."""
    signature = signer.sign(pre_authentication(payload_type, payload))
    envelope = {
        "payloadType": payload_type,
        "payload": b64encode(payload).decode(),
        "signatures": [{"keyid": signer.public.fingerprint, "sig": signature}],
    }
    return json.dumps(envelope, separators=(",", ":")).encode() + b"\n"


def opened(envelope: bytes, payload_type: str) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the payload, and key id and signature of each signature, none of them checked. Raises BadEnvelope."""
    try:
        fields = json.loads(envelope)
        kind, payload = fields["payloadType"], b64decode(fields["payload"], validate=True)
        signatures = [(str(each["keyid"]), str(each["sig"])) for each in fields["signatures"]]
    except (ValueError, KeyError, TypeError, RecursionError, NotBase64) as error:
        raise BadEnvelope(f"not a DSSE envelope: {type(error).__name__}: {error}") from error
    if kind != payload_type:
        raise BadEnvelope(f"an envelope of {kind!r}, not of {payload_type!r}")
    return payload, signatures


def signed_by(key: PublicKey, payload_type: str, payload: bytes, signatures: list[tuple[str, str]]) -> bool:
    """Tell whether one of the signatures is `key`'s; the key id is a hint and decides nothing."""
    message = pre_authentication(payload_type, payload)
    return any(key.verifies(message, signature) for _, signature in signatures)
