"""The station's key: Ed25519 (RFC 8032), as PEM files that openssl reads."""

import hashlib
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.datafile import DataError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PRIVATE, PUBLIC = "key.pem", "public.pem"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signatures are checked with; `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo, in hex."""

    _key: "Ed25519PublicKey"
    fingerprint: str

    def verifies(self, message: bytes, signature: str) -> bool:
        """Tell whether `signature`, base64, is this key's over `message`."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy

        try:
            self._key.verify(b64decode(signature, validate=True), message)
        except (InvalidSignature, NotBase64, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs."""

    _key: "Ed25519PrivateKey"

    def sign(self, message: bytes) -> str:
        """Return the signature over `message`, base64."""
        return b64encode(self._key.sign(message)).decode()

    @property
    def public(self) -> PublicKey:
        """The other half."""
        return _public(self._key.public_key())

    def public_pem(self) -> bytes:
        """Return the other half as PEM (SubjectPublicKeyInfo)."""
        return _spki(self._key.public_key(), pem=True)


def _spki(key: "Ed25519PublicKey", *, pem: bool) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - heavy

    return key.public_bytes(Encoding.PEM if pem else Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public(key: "Ed25519PublicKey") -> PublicKey:
    return PublicKey(key, hashlib.sha256(_spki(key, pem=False)).hexdigest())


def station(folder: Path) -> Signer:
    """Return the key kept in `folder`; the first time, make one, readable by its owner alone. Raises DataError."""
    path = folder / PRIVATE
    if not path.exists():
        _make(folder)
    return load(path)


def _make(folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_private(folder, pem)
        (folder / PUBLIC).write_bytes(load(folder / PRIVATE).public_pem())
    except OSError as error:
        raise DataError(f"{folder}: the station's key cannot be kept: {error.strerror}") from error


def _write_private(folder: Path, pem: bytes) -> None:
    """Put the key there whole, or leave the one that another process has just put there."""
    partly = folder / f".{PRIVATE}.{os.getpid()}"
    fd = os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(fd)
    try:
        os.link(partly, folder / PRIVATE)
    except FileExistsError:
        pass
    finally:
        partly.unlink()


def load(path: Path) -> Signer:
    """Read a private key, PKCS #8 in PEM and not encrypted. Raises DataError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - heavy

    try:
        key = load_pem_private_key(_read(path), None)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: not a private key in PEM without a password: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DataError(f"{path}: not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
    return Signer(key)


def public(path: Path) -> PublicKey:
    """Read a public key in PEM. Raises DataError."""
    try:
        return public_of(_read(path))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def public_of(pem: bytes) -> PublicKey:
    """Return the public key in `pem`. Raises DataError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - heavy

    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise DataError("not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise DataError("not an Ed25519 key")
    return _public(key)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {(error.strerror or str(error)).lower()}") from error
