"""What an SNMP agent wants to be shown: the community of versions 1 and 2c, user and keys of version 3."""

from dataclasses import dataclass, field

from drivers.addresses import Address
from drivers.errors import BadAddress
from drivers.options import Options
from drivers.secrets import resolve

_SHORTEST_KEY = 8


@dataclass(frozen=True, slots=True)
class User:
    """A user of the security model of RFC 3414, always with authentication and privacy."""

    name: str
    auth: str
    priv: str
    auth_key: str = field(repr=False)
    priv_key: str = field(repr=False)


def credentials(address: Address, options: Options) -> str | User:
    """Resolve the references of an address: a community, or a user with keys.

    Raises BadSecret where a reference leads nowhere, BadAddress where a key is too short.
    """
    query = address.query
    if "community" in query:
        return resolve(query["community"], options.folder).reveal()
    keys = {name: resolve(query[name], options.folder).reveal() for name in ("auth_key", "priv_key")}
    for name, key in keys.items():
        if len(key) < _SHORTEST_KEY:
            raise BadAddress(f"{name} is shorter than 8 characters (RFC 3414 11.2)", address=address.public)
    return User(address.user, query["auth"], query["priv"], **keys)
