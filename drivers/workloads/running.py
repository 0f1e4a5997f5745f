"""Workloads by name, started on a host and brought to an outcome that says what was done and whether it verified."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from drivers.errors import Garbled, UsageError
from drivers.ssh import Shell
from drivers.ssh_jobs import Job
from drivers.workloads import gpu_burn


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a workload came to: performance by part of the host in `unit`, and why where it did not verify."""

    output: str
    values: dict[str, float]
    unit: str
    verified: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A workload under way; it also ends by itself, at its time limit, when nobody is there any more."""

    job: Job
    seconds: float
    _read: Callable[[str], Outcome]

    @property
    def command(self) -> str:
        """The command line as the host got it."""
        return self.job.command

    def outcome(self, grace_s: float) -> Outcome:
        """Wait for the end, at most `grace_s` longer than the work itself takes, and read the output.

        Output that cannot be read is an outcome that does not verify. Raises Silent, Unreachable.
        """
        status = self.job.wait(self.seconds + grace_s)
        output = self.job.output
        try:
            outcome = self._read(output)
        except Garbled as error:
            return Outcome(output, {}, "1", verified=False, reason=f"status {status}: {error}")
        return outcome

    def stop(self) -> None:
        """End it now, if it still runs. Raises Silent, Unreachable."""
        self.job.stop()


def _gpu_burn(output: str) -> Outcome:
    result = gpu_burn.parse(output)
    values = {f"gpu[{gpu.index}]": gpu.flops or 0.0 for gpu in result.gpus}
    return Outcome(output, values, "FLOP/s", result.passed, None if result.passed else _why(result))


def _why(result: gpu_burn.Result) -> str:
    if not result.ended:
        return f"it ended at {result.progress:g} % without a verdict"
    wrong = [f"GPU {gpu.index}: {gpu.errors} errors" for gpu in result.gpus if not gpu.ok or gpu.errors]
    return "; ".join(wrong) or "a GPU reported no speed"


_WORKLOADS = MappingProxyType({"gpu_burn": (gpu_burn.start, _gpu_burn)})


def start(name: str, host: Shell, seconds: float) -> Work:
    """Start the workload `name` for `seconds` s. Raises UsageError for an unknown one, else as `host.start`."""
    if name not in _WORKLOADS:
        raise UsageError(f"unknown workload {name!r}; known: {', '.join(_WORKLOADS)}")
    begin, read = _WORKLOADS[name]
    return Work(begin(host, seconds), seconds, read)
