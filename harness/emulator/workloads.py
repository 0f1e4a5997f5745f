"""Workloads that run on the hosts: gpu_burn and stress-ng, as they print and as they load the rack.

gpu_burn: wilicc/gpu-burn, `gpu_burn-drv.cpp`. stress-ng: version 0.15, `--metrics --yaml`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from harness.emulator.hosts import compute_cores, gpus
from harness.emulator.shell import Launch, Reply, Shell, seconds
from harness.emulator.trays import Gpu
from harness.emulator.variation import around
from harness.emulator.world import Workload, World

REPORT_S = 0.5
"""How often gpu_burn tells its progress, s of this machine."""

FLOP_PER_CALC = 2.0 * 8192.0**3
NO_CLIENTS, TIMED_OUT = 123, 124

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: with a status, or by a signal."""

    status: int = 0
    signal: str | None = None


@dataclass(slots=True)
class Process:
    """A running process; `over` is set when it was killed, or when nobody listens any more."""

    pid: int
    over: asyncio.Event = field(default_factory=asyncio.Event)
    signal: str = "PIPE"


class Machine:
    """A device with a shell and its running processes; `slot` is None where nothing lasting can run."""

    def __init__(self, world: World, device: str, slot: str, shell: Shell) -> None:
        self.world, self.device, self.slot, self.shell = world, device, slot, shell
        self.processes: dict[int, Process] = {}
        self._pids = count(4201)
        shell.programs["kill"] = self._kill

    def _kill(self, words: list[str]) -> Reply:
        signal = words[0].lstrip("-").removeprefix("SIG") if words and words[0].startswith("-") else "TERM"
        for word in (word for word in words if not word.startswith("-")):
            process = self.processes.get(int(word)) if word.isdigit() else None
            if process is None:
                return Reply(err=f"sh: 1: kill: No such process\n", status=1)  # noqa: F541
            if signal != "0":
                process.signal = signal
                process.over.set()
        return Reply()

    def start(self) -> Process:
        """Give a new process its number."""
        process = Process(next(self._pids))
        self.processes[process.pid] = process
        return process

    async def run(self, process: Process, launch: Launch, out: Write, err: Write) -> Exit:
        """Run a workload to its end: of itself, by its time limit, killed, or as nobody listens."""
        if launch.announced:
            out(f"{process.pid}\n")
        try:
            return await self._run(process, launch, out, err)
        finally:
            del self.processes[process.pid]

    async def _run(self, process: Process, launch: Launch, out: Write, err: Write) -> Exit:
        try:
            if launch.words[0] == "gpu_burn":
                return await GpuBurn(self, process, launch, out, err).run()
            return await StressNg(self, process, launch, out, err).run()
        except ValueError as error:
            err(f"{launch.words[0]}: {error}\n")
            return Exit(1)


@dataclass(slots=True)
class Run:
    """What both workloads have in common: they load their tray for a while."""

    machine: Machine
    process: Process
    launch: Launch
    out: Write
    err: Write

    async def load(self, workload: Workload, duration: float, report: Callable[[float], bool]) -> Exit | None:
        """Load the tray for `duration` s; None if it ran to its end. `report` returns False to give up."""
        world, limit = self.machine.world, self.launch.limit
        world.begin(workload)
        began, end = world.now, min(duration, limit if limit is not None else duration)
        try:
            while (elapsed := world.advance() - began) < end:
                if await self._over(min(REPORT_S, (end - elapsed) / world.speed)):
                    return Exit(signal=self.process.signal)
                if not report(world.advance() - began):
                    return Exit(NO_CLIENTS)
        finally:
            world.end(workload)
        return Exit(TIMED_OUT) if end < duration else None

    async def _over(self, wait: float) -> bool:
        try:
            await asyncio.wait_for(self.process.over.wait(), max(wait, 0.01))
        except TimeoutError:
            return False
        return True


class GpuBurn(Run):
    """gpu_burn: multiplies matrices on every GPU that the driver finds."""

    __slots__ = ("_calcs", "_last")

    async def run(self) -> Exit:
        """Burn for the number of seconds that the last word says."""
        words = [word for word in self.launch.words[1:] if not word.startswith("-")]
        duration = float(words[-1]) if words else 10.0
        world, slot = self.machine.world, self.machine.slot
        self._calcs, self._last = [0.0] * len(self.gpus), 0.0
        self.out(self._opening(duration))
        ended = await self.load(Workload(slot, 1.0, 0.0), duration, lambda at: self._report(at, duration))
        if ended is None:
            self.out(self._closing())
        elif ended.status == NO_CLIENTS:
            world.doomed.discard(slot)
            self.err("\n\nNo clients are alive!  Aborting\n")
        return ended or Exit()

    @property
    def gpus(self) -> list[Gpu]:
        """Return the GPUs that burn."""
        return [gpu for _, gpu in gpus(self.machine.world.physics.trays[self.machine.slot])]

    def _opening(self, duration: float) -> str:
        burning = enumerate(self.gpus)
        listed = "".join(f"GPU {n}: {gpu.figures.name} (UUID: GPU-{gpu.serial}-emulated)\n" for n, gpu in burning)
        return f"Using compare file: compare.fatbin\nBurning for {duration:.0f} seconds.\n{listed}"

    def _report(self, elapsed: float, duration: float) -> bool:
        if self.machine.slot in self.machine.world.doomed:
            return False
        dt, self._last = elapsed - self._last, elapsed
        rates = [self._shown(n, gpu, elapsed) for n, gpu in enumerate(self.gpus)]
        self._calcs = [done + rate * 1e9 * dt / FLOP_PER_CALC for done, rate in zip(self._calcs, rates, strict=True)]
        self.out(self._progress(min(100.0, 100.0 * elapsed / duration), rates))
        return True

    def _shown(self, n: int, gpu: Gpu, elapsed: float) -> float:
        return gpu.rate * around(self.machine.world.seed, 0.001, self.machine.slot, "burn", n, round(elapsed * 10))

    def _progress(self, share: float, rates: list[float]) -> str:
        done = " - ".join(f"{calcs:.0f} ({rate:.0f} Gflop/s)" for calcs, rate in zip(self._calcs, rates, strict=True))
        errors = " - ".join("3 (WARNING!)" if gpu.corrupts else "0" for gpu in self.gpus)
        temperatures = " - ".join(f"{gpu.temperature:.0f} C" for gpu in self.gpus)
        return f"{share:.1f}%  proc'd: {done}   errors: {errors}   temps: {temperatures} \r"

    def _closing(self) -> str:
        verdicts = "".join(f"\tGPU {n}: {'FAULTY' if g.corrupts else 'OK'}\n" for n, g in enumerate(self.gpus))
        return f"\nKilling processes.. done\n\nTested {len(self.gpus)} GPUs:\n{verdicts}"


class StressNg(Run):
    """stress-ng with its cpu stressor."""

    async def run(self) -> Exit:
        """Load the CPUs for `--timeout`, then write the metrics to the file of `--yaml`."""
        options = _options(self.launch.words[1:])
        duration = seconds(options.get("timeout", "1d"))
        workers = int(options.get("cpu", "0")) or self.cores
        load = min(1.0, workers / self.cores)
        self._say(f"setting to a {duration:.0f} second run per stressor")
        self._say(f"dispatching hogs: {workers} cpu")
        ended = await self.load(Workload(self.machine.slot, 0.0, load), duration, lambda _: True)
        if ended is None:
            self._finish(options, workers, duration)
        return ended or Exit()

    @property
    def cores(self) -> int:
        """Return the number of cores of the host."""
        generation = self.machine.world.generation
        compute = self.machine.slot in self.machine.world.physics.trays
        return compute_cores(generation) if compute else generation.switch_tray.cores

    def _finish(self, options: dict[str, str], workers: int, duration: float) -> None:
        rate = min(workers, self.cores) * self.machine.world.generation.cpu.bogo_ops_per_s
        rate *= around(self.machine.world.seed, 0.002, self.machine.device, "stress-ng", self.process.pid)
        if "yaml" in options:
            text = metrics(self.machine.device, self.cores, workers, duration, rate)
            self.machine.shell.files[options["yaml"]] = lambda: text
        self._say(f"successful run completed in {duration:.2f}s")

    def _say(self, text: str) -> None:
        self.err(f"stress-ng: info:  [{self.process.pid}] {text}\n")


def _options(words: list[str]) -> dict[str, str]:
    """Return the options of a command line, `--name value` or `--name=value`; one without a value is ""."""
    found: dict[str, str] = {}
    name = ""
    for word in words:
        if word.startswith("-"):
            name, _, value = word.lstrip("-").partition("=")
            found[name] = value
        elif name:
            found[name] = word
    return found


def metrics(host: str, cores: int, workers: int, duration: float, rate: float) -> str:
    """Return the YAML that stress-ng 0.15 writes: `rate` in bogo operations per second."""
    used = duration * min(workers, cores)
    return (
        "---\nsystem-info:\n      stress-ng-version: 0.15.06\n      run-by: root\n"
        f"      hostname: {host}\n      sysname: Linux\n      machine: aarch64\n"
        f"      cpus: {cores}\n      cpus-online: {cores}\n      ticks-per-second: 100\n\n"
        "metrics:\n    - stressor: cpu\n"
        f"      bogo-ops: {rate * duration:.0f}\n"
        f"      bogo-ops-per-second-usr-sys-time: {rate * duration / used:.6f}\n"
        f"      bogo-ops-per-second-real-time: {rate:.6f}\n"
        f"      wall-clock-time: {duration:.6f}\n      user-time: {used:.6f}\n      system-time: 0.000000\n"
        "      cpu-usage-per-instance: 99.90\n      max-rss: 6416\n\n...\n"
    )
