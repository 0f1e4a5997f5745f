"""`rackproof probe`: who answers at each address, and which model fits."""

import json
import sys
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from drivers import addresses, catalogue
from drivers.errors import DriverError
from drivers.options import Options
from harness.clock import SystemClock
from harness.datafile import DataError
from harness.inventory import load as load_inventory

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Found:
    """What one address came to."""

    name: str
    address: str
    expected: str | None
    model: str | None
    says: str


def main(arguments: Namespace) -> int:
    """Probe the addresses, or every device of an inventory; 1 where one does not answer as expected."""
    targets = _targets(arguments)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda target: _probe(*target), targets))
    for one in found:
        sys.stdout.write((json.dumps(asdict(one)) if arguments.json else _line(one)) + "\n")
    return 0 if all(one.model and one.expected in (None, one.model) for one in found) else 1


Target = tuple[str, str, str | None, Options]


def _targets(arguments: Namespace) -> list[Target]:
    if arguments.rack is None and not arguments.address:
        raise DataError("probe: name an ADDRESS, or --rack FILE")
    direct = Options(Path.cwd(), arguments.host_key, arguments.timeout, arguments.ca)
    targets: list[Target] = [("", address, None, direct) for address in arguments.address]
    if arguments.rack is not None:
        inventory = load_inventory(arguments.rack)
        for entry in inventory.device:
            key = inventory.folder / entry.host_key if entry.host_key else None
            ca = inventory.folder / entry.ca if entry.ca else None
            options = Options(inventory.folder, key, arguments.timeout, ca)
            targets.append((entry.name, entry.address, entry.model, options))
    return targets


def _probe(name: str, address: str, expected: str | None, options: Options) -> Found:
    public = addresses.parse(address).public
    try:
        if expected is not None:
            return Found(name, public, expected, expected, _identity(expected, address, options))
        proposal = catalogue.propose(address, options, SystemClock())
    except DriverError as error:
        return Found(name, public, expected, None, str(error))
    return Found(name, public, expected, proposal.model, proposal.description)


def _identity(model: str, address: str, options: Options) -> str:
    device = catalogue.open_device(model, address, options, SystemClock())
    try:
        identity = device.identify()
    finally:
        device.close()
    return f"{identity.maker} {identity.model}, serial {identity.serial}, firmware {identity.firmware}"


def _line(found: Found) -> str:
    first, *_ = [*found.says.strip().splitlines(), "answers, and does not say what it is"]
    return f"{found.name:16} {found.address:44} {found.model or '-':14} {first}"
