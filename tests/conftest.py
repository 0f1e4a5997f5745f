"""What holds for every test: it leaves nothing behind, and with CI=true it is not skipped for want of a program."""

import gc
import os
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
PATIENCE_S = 10.0
"""How long what a test stopped may take to be gone, s."""


@dataclass
class Left:
    """What runs or is open now: threads by name, child processes by command, sockets by address."""

    things: dict[object, str] = field(default_factory=dict)

    @classmethod
    def now(cls) -> "Left":
        """Look at this process."""
        own = psutil.Process()
        things: dict[object, str] = {t: f"thread {t.name!r}" for t in threading.enumerate()}
        things |= {child: f"process {_command(child)}" for child in own.children()}
        for socket in own.net_connections(kind="inet"):
            things["socket", socket.fd, socket.laddr] = f"socket at {socket.laddr}, {socket.status}"
        return cls(things)

    def beyond(self, *known: "Left") -> dict[object, str]:
        """Return what is here and in none of `known`."""
        before = {thing for one in known for thing in one.things}
        return {thing: text for thing, text in self.things.items() if thing not in before}


def _command(child: psutil.Process) -> str:
    try:
        return f"{child.pid} {' '.join(child.cmdline())[:120]} ({child.status()})"
    except psutil.Error:
        return f"{child.pid}"


LASTING = Left()
"""What fixtures of the whole session started: theirs until the session ends."""


def _require_gone(what: str, *known: Left) -> None:
    """Fail where more is left than was before, once it had time to go."""
    gc.collect()
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if not Left.now().beyond(*known):
            return
        pause.wait(0.05)
    pytest.fail(f"{what} left behind: {'; '.join(Left.now().beyond(*known).values())}")


@pytest.fixture(autouse=True, scope="session")
def _session_leaves_nothing() -> Iterator[None]:
    before, files = Left.now(), _files()
    yield
    LASTING.things.clear()
    _require_gone("the session", before)
    assert not _files() - files, "files left behind in the project's folder"


@pytest.fixture(autouse=True, scope="module")
def _module_leaves_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    before = Left.now()
    yield
    _require_gone(request.node.name, before, LASTING)


def _files() -> set[Path]:
    return {
        path for folder in (ROOT, ROOT / "tests") for path in folder.iterdir() if not path.name.startswith((".", "_"))
    }


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: "pytest.FixtureDef[object]") -> Generator[None, object, object]:
    """Take down what a fixture of the session starts, so that no module answers for it."""
    if fixturedef.scope not in {"session", "package"} or fixturedef.argname.startswith("_"):
        return (yield)
    before = Left.now()
    result = yield
    LASTING.things.update(Left.now().beyond(before))
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail, with CI=true, what would be skipped; only captures of real devices may be absent there."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if skipped and os.environ.get("CI") == "true" and item.get_closest_marker("captures") is None:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report
