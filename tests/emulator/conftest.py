"""Emulated racks for the tests: in memory on a clock that the test turns, or served by the program itself."""

import json
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.emulator import faults, generation, world
from harness.emulator.physics import settle
from harness.emulator.world import World

ANSWER_S = 10.0


@dataclass
class Turned:
    """A clock that only moves when it is turned."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def unix(self) -> float:
        return 1_795_000_000.0 + self.seconds


@dataclass
class Bench:
    """A rack in memory."""

    world: World
    clock: Turned

    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.world.advance()

    def load(self, seconds: float = 20.0) -> "Bench":
        """Burn on every tray for a while."""
        for slot in self.world.physics.trays:
            self.world.begin(world.Workload(slot, 1.0, 0.0))
        self.wait(seconds)
        return self


@pytest.fixture(scope="session")
def bench() -> Callable[..., Bench]:
    """Build a rack in memory with faults."""

    def build(*specs: str, seed: int = 1) -> Bench:
        clock = Turned()
        built = world.build(generation.load("gen-a"), "GA-000123", seed, clock)
        faults.afflict(built, specs)
        settle(built.physics)
        built.ready()
        return Bench(built, clock)

    return build


def program(name: str) -> str:
    """Return the path of a program of the system, or skip."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@dataclass
class Served:
    """A rack that the program serves, and how strangers talk to it."""

    folder: Path
    process: "subprocess.Popen[str]"
    rack: dict[str, Any]

    def device(self, name: str) -> dict[str, Any]:
        return next(device for device in self.rack["device"] if device["name"] == name)

    def port(self, name: str) -> int:
        found = re.search(r"::(?:hislip0,)?(\d+)::|:(\d+)(?:\?|$)|,(\d+)::", str(self.device(name)["address"]))
        assert found is not None
        return int(next(filter(None, found.groups())))

    def connect(self, name: str) -> socket.socket:
        connected = socket.create_connection(("127.0.0.1", self.port(name)), timeout=ANSWER_S)
        connected.settimeout(ANSWER_S)
        return connected

    def scpi(self, name: str, *lines: str) -> list[str]:
        """Send lines over one connection and return the replies to those that ask."""
        replies = []
        with self.connect(name) as connected, connected.makefile("r", encoding="latin-1", newline="\n") as replied:
            for line in lines:
                connected.sendall(f"{line}\n".encode())
                if "?" in line:
                    replies.append(replied.readline().rstrip("\n"))
        return replies

    def snmp(self, tool: str, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Ask with a program of net-snmp, numeric."""
        command = [program(tool), "-v2c", "-cpublic", "-r0", "-t3", "-Onqe", f"127.0.0.1:{self.port(name)}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def ssh_command(self, name: str, line: str) -> list[str]:
        key = (self.folder / self.device(name)["host_key"]).read_text()
        known = self.folder / f"known_{name}"
        known.write_text(f"[127.0.0.1]:{self.port(name)} {key}")
        options = ["BatchMode=yes", "IdentitiesOnly=yes", f"UserKnownHostsFile={known}", "StrictHostKeyChecking=yes"]
        flags = [word for option in options for word in ("-o", option)]
        key_file = str(self.folder / "client_key")
        return [
            program("ssh"),
            "-F",
            "none",
            "-i",
            key_file,
            *flags,
            "-p",
            str(self.port(name)),
            "root@127.0.0.1",
            line,
        ]

    def ssh(self, name: str, line: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line with OpenSSH's client."""
        command = self.ssh_command(name, line)
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
        )


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Serve racks with faults by the program itself; each must end cleanly when its standard input does."""
    with ExitStack() as stack:

        def start(*specs: str, faces: Sequence[str] = ()) -> Served:
            folder = tmp_path_factory.mktemp("rack")
            rack = str(_with_faces(folder, faces)) if faces else "gen-a"
            command = [sys.executable, "-m", "harness.emulator", rack, "--out", str(folder), "--until-eof"]
            command += [word for spec in specs for word in ("--fault", spec)]
            pipe = subprocess.PIPE
            process = stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
            stack.callback(_end, process)
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready {folder / 'rack.toml'}\n"
            return Served(folder, process, tomllib.loads((folder / "rack.toml").read_text()))

        yield start


def _with_faces(folder: Path, faces: Sequence[str]) -> Path:
    """Write a generation whose meters are reached otherwise."""
    text = (generation.SHIPPED / "gen-a.toml").read_text()
    path = folder / "gen.toml"
    path.write_text(re.sub(r"(?m)^faces = .*$", f"faces = {json.dumps(list(faces))}", text))
    return path


def _end(process: "subprocess.Popen[str]") -> None:
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


@pytest.fixture(scope="module")
def healthy(serve: Callable[..., Served]) -> Served:
    """A healthy rack, served."""
    return serve()
