"""Workloads by name, started on a host and brought to an outcome that says what was done and whether it verified."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from drivers.errors import Garbled, NotInstalled, UsageError
from drivers.parsed import Parsed
from drivers.ssh import Shell
from drivers.ssh_jobs import Job
from drivers.workloads.commands import WORKLOADS, Workload, settled

LIMIT_STATUS = 124
"""The status of `timeout` where the limit ended the command (coreutils, timeout)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a workload came to: performance by part of the host in `unit`, and why where it did not verify.

    `output` is all that it wrote, as evidence; `parsed` what was read in it, None where that could not be read.
    """

    output: str
    values: dict[str, float]
    unit: str
    verified: bool
    reason: str | None = None
    parsed: Parsed | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A workload under way; it also ends by itself, at its time limit, when nobody is there any more."""

    job: Job
    seconds: float
    _read: Callable[[Job, int], Outcome]

    @property
    def command(self) -> str:
        """The command line as the host got it."""
        return self.job.command

    def status(self) -> int | None:
        """Return its exit status, None while it runs. Raises Unreachable where the connection was lost."""
        return self.job.poll()

    def said(self) -> str:
        """Return the last line that it has said so far, "" for none. Raises as `status`."""
        self.job.poll()
        lines = re.split(r"[\r\n]+", self.job.output[-2000:].rstrip())
        return lines[-1]

    def outcome(self, grace_s: float) -> Outcome:
        """Wait for the end, at most `grace_s` longer than the work itself takes, and read the output.

        Output that cannot be read is an outcome that does not verify. Raises Silent, Unreachable.
        """
        return self._read(self.job, self.job.wait(self.seconds + grace_s))

    def stop(self) -> None:
        """End it now, if it still runs. Raises Silent, Unreachable."""
        self.job.stop()


def start(name: str, host: Shell, seconds: float, **options: str) -> Work:
    """Start the workload `name`, for `seconds` s or, where it takes as long as it takes, under that limit.

    On the host a limit ends it a little later in any case. Raises UsageError for an unknown workload or option,
    NotInstalled where the host has no such program, else as `host.start`.
    """
    if name not in WORKLOADS:
        raise UsageError(f"unknown workload {name!r}; known: {', '.join(WORKLOADS)}")
    workload = WORKLOADS[name]
    found = settled(name, workload, options)
    for program in (*workload.programs, *([found["program"]] if "program" in found else [])):
        require(host, program)
    command = _sent(host, workload, seconds, found) if workload.script else workload.command(seconds, found)
    job = host.start(command, seconds + (workload.grace_s if workload.timed else 0.0))
    return Work(job, seconds, lambda job, status: _outcome(workload, job, status))


def require(host: Shell, program: str) -> None:
    """Raise NotInstalled where the host's shell finds no such program, else as `host.run`."""
    done = host.run(f"command -v {shlex.quote(program)}")
    if done.status != 0:
        fix = (
            f"install it on the host, or put it into the PATH of the user there ({done.stderr.strip() or 'not found'})"
        )
        raise NotInstalled(f"there is no program {program!r}", sent=done.command, received=done.stdout, fix=fix)


def _sent(host: Shell, workload: Workload, seconds: float, options: dict[str, str]) -> str:
    """Put the workload's script into a folder of its own on the host; return a command that takes it away again."""
    require(host, options["python"])
    script = workload.script() if workload.script else ""
    line = 'd=$(mktemp -d) && cat > "$d/workload.py" && echo "$d"'
    folder = host.run(f"sh -c {shlex.quote(line)}", stdin=script).checked().strip()
    command = workload.command(seconds, {**options, "script": f"{folder}/workload.py"})
    after = f"trap 'rm -rf {shlex.quote(folder)}' EXIT; trap 'exit 143' TERM INT HUP; {command}"
    return f"sh -c {shlex.quote(after)}"


def _outcome(workload: Workload, job: Job, status: int) -> Outcome:
    reasons = _ended(status)
    if job.dropped:
        reasons.append(f"the first {job.dropped} bytes of its output were dropped")
    parsed, values = None, dict[str, float]()
    try:
        parsed = _parsed(workload.tool, job.raw)
        values = _values(workload, parsed)
        if parsed.verdict != "good":
            reasons.append(f"{parsed.verdict}: {'; '.join(parsed.reasons)}")
    except (Garbled, UsageError) as error:
        reasons.append(str(error))
    return Outcome(job.output, values, workload.unit, not reasons, "; ".join(reasons) or None, parsed)


def _ended(status: int) -> list[str]:
    if status == 0:
        return []
    return ["its time limit ended it" if status == LIMIT_STATUS else f"it ended with status {status}"]


def _parsed(tool: str, output: bytes) -> Parsed:
    from drivers.tools import parse  # noqa: PLC0415 - the table of all tools reaches every driver of a host

    return parse(tool, output)


def _values(workload: Workload, parsed: Parsed) -> dict[str, float]:
    found = [(re.fullmatch(workload.values, figure.name), figure) for figure in parsed.figures]
    return {
        match[1]: float(figure.value)
        for match, figure in found
        if match and isinstance(figure.value, int | float) and figure.unit == workload.unit
    }
