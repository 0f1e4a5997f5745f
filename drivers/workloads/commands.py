"""Every workload that can be started on a host: what must be there, how it is started, and whose output it writes.

A command line is one simple command, for `timeout` runs it. What needs a folder of its own gets one that goes with it.
Options are words; the defaults stand in the table, and an option without a default must be given.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.errors import UsageError

Options = Mapping[str, str]
NEEDED = None
"""Stands for the default of an option that has none."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload. `command` gets the seconds that it is to run and its options; `tool` is who reads its output.

    `values` finds the names of the figures that are its performance, in `unit`, with what is kept of the name in
    group 1. `grace_s` is what a run may take beyond its seconds: start, checks, end. `script` is sent to the host
    first; its path is the option "script". A workload that is not `timed` takes as long as it takes, and is ended at
    its limit.
    """

    programs: tuple[str, ...]
    command: Callable[[float, Options], str]
    tool: str
    unit: str
    values: str
    options: Mapping[str, str | None] = field(default_factory=dict)
    grace_s: float = 60.0
    timed: bool = True
    script: Callable[[], str] | None = None


def settled(name: str, workload: Workload, given: Options) -> dict[str, str]:
    """Return the options with defaults. Raises UsageError for one that is unknown, or missing."""
    unknown = [option for option in given if option not in workload.options]
    if unknown:
        known = ", ".join(workload.options) or "none"
        raise UsageError(f"workload {name!r} has no option {unknown[0]!r}; it has: {known}")
    found = {option: given.get(option, default) for option, default in workload.options.items()}
    missing = [option for option, value in found.items() if value is None]
    if missing:
        raise UsageError(f"workload {name!r} needs the option {missing[0]!r}")
    return {option: value for option, value in found.items() if value is not None}


def _seconds(seconds: float) -> str:
    return str(max(1, round(seconds)))


def _line(*words: str) -> str:
    return shlex.join(word for word in words if word)


def _in_a_folder(script: str) -> str:
    """Return a command that runs a script in a new folder, which goes with it."""
    before = "d=$(mktemp -d) || exit 1; trap 'rm -rf \"$d\"' EXIT; trap 'exit 143' TERM INT HUP; cd \"$d\" || exit 1; "
    return _line("sh", "-c", before + script)


def _stress_ng(seconds: float, options: Options) -> str:
    words = ["stress-ng", "--cpu", options["workers"], "--timeout", f"{_seconds(seconds)}s", "--verify", "--metrics"]
    return _in_a_folder(f"{_line(*words)} --yaml m.yaml; s=$?; cat m.yaml; exit $s")


def _fio(seconds: float, options: Options) -> str:
    keys = ("directory", "size", "rw", "bs", "iodepth", "numjobs", "ioengine", "direct")
    words = [f"--{key}={options[key]}" for key in keys]
    fixed = ["--time_based", f"--runtime={_seconds(seconds)}", "--group_reporting", "--unlink=1"]
    return _line("fio", "--name=rackproof", *words, *fixed, "--output-format=json")


def _iperf3(seconds: float, options: Options) -> str:
    way = {"": "", "reverse": "--reverse", "bidir": "--bidir"}.get(options["way"])
    if way is None or options["protocol"] not in {"tcp", "udp"}:
        raise UsageError("iperf3: way is '', 'reverse' or 'bidir', protocol 'tcp' or 'udp'")
    udp = ["--udp", "--bitrate", options["bitrate"]] if options["protocol"] == "udp" else []
    where = ["--client", options["server"], "--port", options["port"], "--parallel", options["streams"]]
    return _line("iperf3", *where, "--time", _seconds(seconds), way, *udp, "--json")


def _iperf3_server(seconds: float, options: Options) -> str:  # noqa: ARG001 - the client decides how long
    return _line("iperf3", "--server", "--one-off", "--port", options["port"], "--json")


def _mpirun(options: Options) -> str:
    return f"mpirun {options['mpirun']} -np {shlex.quote(options['ranks'])}"


def _hpcc(seconds: float, options: Options) -> str:  # noqa: ARG001 - its input decides how long
    copy = f"cp {shlex.quote(options['input'])} hpccinf.txt || exit 1"
    return _in_a_folder(f"{copy}; {_mpirun(options)} hpcc; s=$?; cat hpccoutf.txt; exit $s")


def _hpl(seconds: float, options: Options) -> str:  # noqa: ARG001 - its input decides how long
    copy = f"cp {shlex.quote(options['input'])} HPL.dat || exit 1"
    return _in_a_folder(f"{copy}; {_mpirun(options)} {shlex.quote(options['program'])}")


def _given(seconds: float, options: Options) -> str:  # noqa: ARG001 - the command decides how long
    return _line("sh", "-c", options["command"])


def _stream(seconds: float, options: Options) -> str:  # noqa: ARG001 - how often it repeats is built in
    threads = f"OMP_NUM_THREADS={options['threads']}" if options["threads"] else ""
    return _line("env", threads, options["program"])


def _collective(seconds: float, options: Options) -> str:  # noqa: ARG001 - sizes and iterations decide how long
    sizes = ["-b", options["begin"], "-e", options["end"], "-f", "2", "-g", options["gpus"]]
    checked = ["-c", "1", "-n", options["iterations"]]
    return _line(options["program"], *sizes, *checked)


def _nvbandwidth(seconds: float, options: Options) -> str:  # noqa: ARG001 - its tests decide how long
    tests = ["-t", *options["tests"].split()] if options["tests"] else []
    return _line("nvbandwidth", "-j", *tests)


def _ib_write_bw(seconds: float, options: Options) -> str:
    device = ["-d", options["device"]] if options["device"] else []
    size = ["-s", options["size"], "-p", options["port"], "-D", _seconds(seconds)]
    return _line("ib_write_bw", *device, *size, "-F", "--report_gbits", options["server"])


def _ib_read_lat(seconds: float, options: Options) -> str:  # noqa: ARG001 - with a duration it tells no percentiles
    device = ["-d", options["device"]] if options["device"] else []
    size = ["-s", options["size"], "-p", options["port"], "-n", options["iterations"]]
    return _line("ib_read_lat", *device, *size, "-F", options["server"])


def _dcgmi(seconds: float, options: Options) -> str:  # noqa: ARG001 - the level decides how long
    return _line("dcgmi", "diag", "-r", options["level"], "-j")


def _loadgen(seconds: float, options: Options) -> str:  # noqa: ARG001 - its settings decide how long
    summary = shlex.quote(options["summary"])
    # An old summary must not be read as the result of a run that wrote none.
    return _line("sh", "-c", f"rm -f {summary}; {{ {options['command']} ; }}; s=$?; cat {summary}; exit $s")


def _gemm(seconds: float, options: Options) -> str:
    where = ["--cpu"] if options["on"] == "cpu" else []
    size = ["--size", options["size"]] if options["size"] else []
    precisions = ["--precisions", options["precisions"]] if options["precisions"] else []
    return _line(options["python"], options["script"], "--seconds", f"{seconds:g}", *where, *size, *precisions)


def _gpu_burn(seconds: float, options: Options) -> str:  # noqa: ARG001 - it has no options here
    return f"gpu_burn {_seconds(seconds)}"


def _script() -> str:
    from drivers.workloads import gemm  # noqa: PLC0415 - read only where it is sent

    return gemm.script()


_PERFTEST = {"device": "", "server": "", "port": "18515"}
_NCCL = {"program": "all_reduce_perf", "gpus": NEEDED, "begin": "8", "end": "8G", "iterations": "20"}
_MPI = {"ranks": "1", "mpirun": ""}

WORKLOADS: MappingProxyType[str, Workload] = MappingProxyType(
    {
        "gpu_burn": Workload(("gpu_burn",), _gpu_burn, "gpu-burn", "FLOP/s", r"(gpu\[\d+\])\.speed"),
        "stress_ng": Workload(
            ("stress-ng",), _stress_ng, "stress-ng", "1/s", r"(stressor\[.*\])\.rate", {"workers": "0"}, 30.0
        ),
        "fio": Workload(
            ("fio",),
            _fio,
            "fio",
            "B/s",
            r"(job\[.*\]\.(?:read|write))_bandwidth",
            {
                "directory": NEEDED,
                "size": "1g",
                "rw": "randrw",
                "bs": "4k",
                "iodepth": "32",
                "numjobs": "1",
                "ioengine": "libaio",
                "direct": "1",
            },
            120.0,
        ),
        "iperf3": Workload(
            ("iperf3",),
            _iperf3,
            "iperf3",
            "bit/s",
            r"(received.*)\.rate",
            {
                "server": NEEDED,
                "port": "5201",
                "streams": "1",
                "way": "",
                "protocol": "tcp",
                "bitrate": "0",
            },
        ),
        "iperf3_server": Workload(
            ("iperf3",), _iperf3_server, "iperf3", "bit/s", r"(received.*)\.rate", {"port": "5201"}, timed=False
        ),
        "hpcc": Workload(
            ("mpirun", "hpcc"),
            _hpcc,
            "hpcc",
            "FLOP/s",
            r"(.*)\.speed",
            {"input": NEEDED, **_MPI},
            timed=False,
        ),
        "hpl": Workload(
            ("mpirun",),
            _hpl,
            "hpl",
            "FLOP/s",
            r"(run\[\d+\])\.speed",
            {"input": NEEDED, "program": "xhpl", **_MPI},
            timed=False,
        ),
        "hpl_mxp": Workload((), _given, "hpl-mxp", "FLOP/s", r"(run\[\d+\])\.speed", {"command": NEEDED}, timed=False),
        "stream": Workload(
            (),
            _stream,
            "stream",
            "B/s",
            r"(kernel\[.*\])\.rate",
            {"program": "stream", "threads": ""},
            timed=False,
        ),
        "nccl_tests": Workload((), _collective, "nccl-tests", "B/s", r"(.*)\.bus_bandwidth", _NCCL, timed=False),
        "rccl_tests": Workload((), _collective, "rccl-tests", "B/s", r"(.*)\.bus_bandwidth", _NCCL, timed=False),
        "nvbandwidth": Workload(
            ("nvbandwidth",), _nvbandwidth, "nvbandwidth", "B/s", r"(\w+)\.sum", {"tests": ""}, timed=False
        ),
        "ib_write_bw": Workload(
            ("ib_write_bw",),
            _ib_write_bw,
            "ib-write-bw",
            "B/s",
            r"(size\[\d+\])\.bandwidth_average",
            {"size": "65536", **_PERFTEST},
        ),
        "ib_read_lat": Workload(
            ("ib_read_lat",),
            _ib_read_lat,
            "ib-read-lat",
            "s",
            r"(size\[\d+\])\.latency_typical",
            {"size": "2", "iterations": "100000", **_PERFTEST},
            timed=False,
        ),
        "dcgmi_diag": Workload(("dcgmi",), _dcgmi, "dcgm-diag", "1", r"$^", {"level": "1"}, timed=False),
        "loadgen": Workload(
            (),
            _loadgen,
            "loadgen",
            "1/s",
            r"(\w+)\.rate",
            {"command": NEEDED, "summary": NEEDED},
            timed=False,
        ),
        "gemm": Workload(
            ("python3",),
            _gemm,
            "gemm",
            "FLOP/s",
            r"(device\[\d+\]\.\w+)_speed",
            {"on": "gpu", "size": "", "precisions": "", "python": "python3"},
            180.0,
            script=_script,
        ),
    }
)
"""Command lines: gpu_burn, stress-ng, fio, iperf3, hpcc run here or read in their manuals; of HPL, STREAM, nccl-tests,
nvbandwidth, perftest and dcgmi the options are recalled from their help, and have not been run here."""
