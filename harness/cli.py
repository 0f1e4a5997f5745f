"""The command line: what there is, in words, and the way to each command. Imports nothing heavy."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else

ABOUT = """Acceptance tests for AI data-center racks, real or emulated.

  rackproof demo                              emulate a rack, accept it, show the report
  rackproof emulate gen-a --out racks/a       serve an emulated rack until stopped
  rackproof check acceptance --rack FILE      validate plan, inventory and profile; list the cases; touch nothing
  rackproof run acceptance --rack FILE        test the rack, decide, write the reports
  rackproof report runs/... --format html     render a run again, also one that was killed"""

EXITS = """exit status of run, resume and demo: 0 accepted, 1 rejected, 2 wrong usage, 3 incomplete.
exit status of the others: 0 done, 1 a negative finding, 2 wrong usage, 3 could not finish."""

EXAMPLES = {
    "demo": """  rackproof demo
  rackproof demo --fault tray07.cold_plate_blocked
  rackproof demo --plan rehearsal --seed 7 --json""",
    "run": """  rackproof run acceptance --rack racks/a/rack.toml --operator "A. Person"
  rackproof run my-plan.toml --rack rack.toml --profile my-profile.toml
  rackproof run acceptance --rack rack.toml -k PWR""",
    "resume": """  rackproof resume runs/20261123T140200Z-GA-000123
  rackproof resume runs/20261123T140200Z-GA-000123 --rack racks/b/rack.toml""",
    "emulate": """  rackproof emulate gen-a --out racks/a
  rackproof emulate gen-a --out racks/a --fault shelf2.psu_sagging=0.3@+60s --fault tray07.xid@load+5s""",
    "check": """  rackproof check acceptance --rack rack.toml
  rackproof check my-plan.toml --rack rack.toml --profile my-profile.toml --json""",
    "probe": """  rackproof probe 'snmp://192.0.2.7:161?community=env:COMMUNITY'
  rackproof probe 'ssh://root@192.0.2.8:22?key=file:id_ed25519' --host-key tray01.pub
  rackproof probe --rack rack.toml""",
    "read": """  rackproof read wt300e visa://TCPIP::192.0.2.5::5025::SOCKET
  rackproof read entity-shelf 'snmp://192.0.2.7:161?community=env:COMMUNITY' --json
  rackproof read arista-eos 'snmp://192.0.2.9:161?community=env:COMMUNITY' --over 60""",
    "parse": """  rackproof parse gpu-burn gpu_burn.log
  rackproof parse ipmitool-sdr sdr.txt --json
  rackproof parse nccl-tests -""",
    "report": """  rackproof report runs/20261123T140200Z-GA-000123
  rackproof report runs/20261123T140200Z-GA-000123 --format html --output report.html
  rackproof report runs/20261123T140200Z-GA-000123 --format ocp --output ocp.jsonl""",
    "bundle": """  rackproof bundle runs/20261123T140200Z-GA-000123
  rackproof bundle runs/20261123T140200Z-GA-000123 --output evidence.tar --key station.pem""",
    "compare": """  rackproof compare runs/20261122T140200Z-GA-000122 runs/20261123T140200Z-GA-000123
  rackproof compare runs/BEFORE runs/AFTER --html comparison.html --correction "coolant 5 K warmer: power x 1.004"
  rackproof compare runs/BEFORE runs/AFTER --json""",
    "verify": """  rackproof verify evidence.tar --key public.pem
  rackproof verify run1.rackproof.tar run2.rackproof.tar --key public.pem --json""",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "rackproof", description=ABOUT, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_running(commands)
    _add_looking(commands)
    _add_evidence(commands)
    return parser


def _command(
    commands: "Commands", name: str, summary: str, more: str = "", *, json: bool = True
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary}\n\n{more}",
        epilog=f"examples:\n{EXAMPLES[name]}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if json:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _add_running(commands: "Commands") -> None:
    demo = _command(commands, "demo", "Emulate a rack and accept it.", "With --fault it is rejected, and says why.")
    demo.add_argument("--fault", action="append", default=[], metavar="SPEC", help="as for emulate; may be repeated")
    demo.add_argument("--generation", default="gen-a", help="generation to emulate (default: gen-a)")
    demo.add_argument("--plan", default="acceptance", help="plan to run (default: acceptance)")
    demo.add_argument("--seed", type=int, default=1, help="seed of the physics (default: 1)")
    _add_runs(demo)
    run = _command(commands, "run", "Test a rack by a plan and decide.", "PLAN is a shipped plan's name or a file.")
    run.add_argument("plan", metavar="PLAN")
    run.add_argument("--rack", type=Path, required=True, metavar="FILE", help="inventory of the rack")
    run.add_argument(
        "--profile", type=Path, metavar="FILE", help="profile (default: the shipped one of its generation)"
    )
    run.add_argument("-k", dest="keyword", metavar="EXPRESSION", help="only these cases; the run is then INCOMPLETE")
    _add_runs(run)
    resume = _command(commands, "resume", "Go on with a run that was stopped.", "Finished cases are not repeated.")
    resume.add_argument("run", type=Path, metavar="RUN", help="run folder")
    resume.add_argument("--rack", type=Path, metavar="FILE", help="inventory, where it has moved")
    resume.add_argument("--operator", default="", help="who is at the station")
    emulate = _command(commands, "emulate", "Serve an emulated rack until stopped.", _EMULATE, json=False)
    emulate.add_argument("generation", metavar="GENERATION", help="a shipped generation's name, as gen-a, or a file")
    emulate.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where rack.toml and its keys are written"
    )
    emulate.add_argument("--fault", action="append", default=[], metavar="SPEC", help="may be repeated")
    emulate.add_argument("--seed", type=int, default=1, help="seed of the physics (default: 1)")
    emulate.add_argument("--serial", default=None, help="serial number of the rack")


_EMULATE = """SPEC is PLACE.FAULT[=SIZE][@+SECONDS], as tray07.cold_plate_blocked or shelf2.psu_sagging=0.3@+60s;
a wrong one is answered with what is possible. Prints `ready FILE` when the rack can be driven."""


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="where runs are kept (default: runs)"
    )
    parser.add_argument("--operator", default="", help="who is at the station")


def _add_looking(commands: "Commands") -> None:
    check = _command(commands, "check", "Validate plan, inventory and profile and list the cases.", "Touches nothing.")
    check.add_argument("plan", metavar="PLAN")
    check.add_argument("--rack", type=Path, required=True, metavar="FILE")
    check.add_argument("--profile", type=Path, metavar="FILE")
    probe = _command(commands, "probe", "Say who answers at each address.", "Proposes the model that fits.")
    probe.add_argument("address", nargs="*", metavar="ADDRESS")
    probe.add_argument("--rack", type=Path, metavar="FILE", help="probe every device of this inventory")
    _add_connection(probe)
    read = _command(commands, "read", "Read every point of one device.", "One line a point.")
    read.add_argument("model", metavar="MODEL")
    read.add_argument("address", metavar="ADDRESS")
    read.add_argument(
        "--over",
        type=float,
        metavar="S",
        help="of a switch: read again after S s, say what its ports did meanwhile",
    )
    _add_connection(read)
    parse = _command(commands, "parse", "Read a saved output of a tool.", "An unknown TOOL is answered with the known.")
    parse.add_argument("tool", metavar="TOOL", help="whose output it is: gpu-burn, nccl-tests, nvidia-smi ...")
    parse.add_argument("file", type=Path, metavar="FILE", help="as the tool wrote it; - for standard input")
    report = _command(commands, "report", "Render the report of a run.", "Also of one that was killed.", json=False)
    report.add_argument("run", type=Path, metavar="RUN", help="run folder")
    report.add_argument("--format", choices=("text", "html", "pdf", "junit", "json", "ocp", "csv"), default="text")
    report.add_argument("--json", dest="format", action="store_const", const="json", help="short for --format json")
    report.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")


def _add_evidence(commands: "Commands") -> None:
    bundle = _command(commands, "bundle", "Make one signed file of a run.", "Anybody can check it with `verify`.")
    bundle.add_argument("run", type=Path, metavar="RUN", help="run folder")
    bundle.add_argument("--output", type=Path, metavar="FILE", help="default: RUN.rackproof.tar, here")
    bundle.add_argument(
        "--key", type=Path, metavar="FILE", help="private key (default: the station's, beside the runs)"
    )
    verify = _command(commands, "verify", "Check bundles, offline.", _VERIFY)
    verify.add_argument("bundle", type=Path, nargs="+", metavar="BUNDLE")
    verify.add_argument("--key", type=Path, metavar="FILE", help="public key of the station, in PEM")

    compare = _command(commands, "compare", "Compare runs with a baseline, the first.", _COMPARE)
    compare.add_argument("run", type=Path, nargs="+", metavar="RUN", help="run folder")
    compare.add_argument("--html", type=Path, metavar="FILE", help="also write a page")
    compare.add_argument("--correction", default="", metavar="TEXT", help="what makes unlike conditions comparable")


_COMPARE = """Exits with 1 where anything got worse beyond its uncertainty. No ratio is given where measurement
boundary, workload, windows, coolant or supply differ, unless a correction is stated, which is printed with it."""
_VERIFY = """Says what was changed, works statistics, decisions and verdict out anew. Exits with 1 where anything
does not hold. The key comes from the station on another way than the bundle; without it nothing proves who wrote it."""


def _add_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host-key", type=Path, metavar="FILE", help="public key that an SSH server must show")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="certificates that a TLS server's must go back to")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="for one exchange, s (default: 5)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    module = importlib.import_module(f"harness.commands.{arguments.command}")
    return _guarded(module.main, arguments)


def _guarded(command: object, arguments: argparse.Namespace) -> int:
    from harness.commands import failures

    return failures.guarded(command, arguments)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
