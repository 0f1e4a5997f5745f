"""The command line: what there is, in words, and the way to each command. Imports nothing heavy."""

import argparse
import importlib
import re
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
exit status of decide: 0 pass, 1 fail, 2 wrong usage, 3 not decided.
exit status of the others: 0 done, 1 a negative finding, 2 wrong usage, 3 could not finish."""

EXAMPLES = {
    "demo": """  rackproof demo
  rackproof demo --fault tray07.cold_plate_blocked
  rackproof demo --plan rehearsal --seed 7 --json
  rackproof demo --plan soak-24h --speed 300""",
    "run": """  rackproof run acceptance --rack racks/a/rack.toml --operator "A. Person"
  rackproof run my-plan.toml --rack rack.toml --profile my-profile.toml
  rackproof run acceptance --rack rack.toml -k PWR""",
    "resume": """  rackproof resume runs/20261123T140200Z-GA-000123
  rackproof resume runs/20261123T140200Z-GA-000123 --rack racks/b/rack.toml""",
    "emulate": """  rackproof emulate gen-a --out racks/a
  rackproof emulate gen-a --out racks --racks 16
  rackproof emulate gen-a --out racks/a --fault shelf2.psu_sagging=0.3@+60s --fault tray07.xid@load+5s""",
    "fault": """  rackproof fault racks/a/rack.toml tray07.fan_stuck
  rackproof fault racks/a/rack.toml feed_a.silent@+10s --json
  rackproof fault racks/a/rack.toml --clear""",
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
    "energy": """  rackproof energy power.csv --format csv
  rackproof energy power.csv --format csv --column "feed_a [kW]" --column "feed_b [kW]" --json
  rackproof energy run_1/spl.txt --format ptdaemon --begin "07-25-2024 11:25:54.1" --end 2024-07-25T11:37:00""",
    "mlperf-power": """  rackproof mlperf-power closed/ORG/results/SYSTEM/resnet50/Offline
  rackproof mlperf-power ORG/results/SYSTEM/llama2_70b_lora --json""",
    "decide": """  rackproof decide 37.2 --uncertainty 0.4 --high 38 --rule guarded --unit kW
  rackproof decide 1500.1 --uncertainty 0.04 --standard --low 1499.8 --high 1500.2 --prior-mean 1500 --prior-sd 0.12
  rackproof decide 49 --uncertainty 1 --low 48 --high 54 --rule iso14253 --role customer --json""",
    "series": """  rackproof series runs/20261123T140200Z-GA-000123
  rackproof series runs/20261123T140200Z-GA-000123 --format parquet --output soak.parquet
  rackproof series runs/20261123T140200Z-GA-000123 --series 'feed_*.power' --state full --format csv
  rackproof series soak.parquet --json""",
    "report": """  rackproof report runs/20261123T140200Z-GA-000123
  rackproof report runs/20261123T140200Z-GA-000123 --format html --output report.html
  rackproof report runs/20261123T140200Z-GA-000123 --format ocp --output ocp.jsonl""",
    "bundle": """  rackproof bundle runs/20261123T140200Z-GA-000123
  rackproof bundle runs/20261123T140200Z-GA-000123 --output evidence.tar --key station.pem""",
    "compare": """  rackproof compare runs/20261122T140200Z-GA-000122 runs/20261123T140200Z-GA-000123
  rackproof compare runs/BEFORE runs/AFTER --html comparison.html --correction "coolant 5 K warmer: power x 1.004"
  rackproof compare runs/BEFORE runs/AFTER --json""",
    "ingest": """  rackproof ingest runs/20261123T140200Z-GA-000123 vendor.jsonl
  rackproof ingest runs/20261123T140200Z-GA-000123 diag.json --format dcgm --json""",
    "dossier": """  rackproof dossier campaign.toml
  rackproof dossier campaign.toml --html dossier.html --pdf dossier.pdf
  rackproof dossier campaign.toml --json""",
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
    _add_figures(commands)
    _add_deciding(commands)
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
    demo.add_argument("--generation", default="gen-a", metavar="GENERATION",
                      help="generation to emulate, by name or file (default: gen-a)")  # fmt: skip
    demo.add_argument("--plan", default="acceptance", help="plan to run (default: acceptance)")
    demo.add_argument("--profile", type=Path, metavar="FILE", help="profile (default: the shipped one)")
    demo.add_argument("--seed", type=int, default=1, help="seed of the physics (default: 1)")
    _add_speed(demo)
    _add_runs(demo)
    run = _command(commands, "run", "Test a rack by a plan and decide.", "PLAN is a shipped plan's name or a file.")
    run.add_argument("plan", metavar="PLAN")
    run.add_argument("--rack", type=Path, required=True, metavar="FILE", help="inventory of the rack")
    run.add_argument(
        "--profile", type=Path, metavar="FILE", help="profile (default: the shipped one of its generation)"
    )
    _add_speed(run)
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
    emulate.add_argument("--racks", type=int, metavar="N", help="serve N racks, each in a folder DIR/rackNN")
    emulate.add_argument("--serial", default=None, help="serial number of the rack")
    _add_speed(emulate)
    fault = _command(commands, "fault", "Break an emulated rack while it runs, or mend it.", _FAULT)
    fault.add_argument("rack", type=Path, metavar="FILE", help="inventory of the running rack")
    fault.add_argument("spec", nargs="?", metavar="SPEC", help="as for emulate; without one, what is at work is told")
    fault.add_argument("--clear", action="store_true", help="take this fault back, or all")


_EMULATE = """SPEC is PLACE.FAULT[=SIZE][@+SECONDS], as tray07.cold_plate_blocked or shelf2.psu_sagging=0.3@+60s;
a wrong one is answered with what is possible. Prints `ready FILE` when the rack can be driven."""


_FAULT = """Only who can read control.json beside the inventory can do it. What a register lost stays lost."""


def _add_speed(parser: argparse.ArgumentParser) -> None:
    told = "how many times faster the time of an emulated rack runs (default: 1)"
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help=told)


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

    _add_series(commands)


def _add_series(commands: "Commands") -> None:
    series = _command(commands, "series", "List the samples of a run, or write them to another container.", _SERIES)
    series.add_argument("run", type=Path, metavar="RUN", help="run folder, or a Parquet file that was written from one")
    series.add_argument("--state", default="*", help="only of this state; * and ? stand for anything")
    series.add_argument("--series", default="*", metavar="DEVICE.POINT", help="only these; * and ? stand for anything")
    series.add_argument("--format", choices=("csv", "parquet"), help="write the samples (default: list the series)")
    series.add_argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output")


_SERIES = """A list says of every series whether its samples are those whose hash is in the journal: the hash is over
the content, so that it is the same in every container. Status 1 where one is not."""


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

    ingest = _command(commands, "ingest", "Take what others tested into a run.", _INGEST)
    ingest.add_argument("run", type=Path, metavar="RUN", help="run folder of a run that has ended")
    ingest.add_argument("file", type=Path, metavar="FILE")
    ingest.add_argument("--format", choices=("ocp", "junit", "dcgm"), help="default: by how the file begins")
    dossier = _command(commands, "dossier", "Say what an evaluation comes to.", _DOSSIER)
    dossier.add_argument("campaign", type=Path, metavar="CAMPAIGN", help="campaign file: its runs, its rule")
    dossier.add_argument("--html", type=Path, metavar="FILE", help="also write a page")
    dossier.add_argument("--pdf", type=Path, metavar="FILE", help="also write a PDF")


_INGEST = """FILE is OCP Test & Validation output, JUnit XML or a DCGM diagnostic. Its results become cases of the run,
and its values are judged by the limits of the same name and unit. Exits with the verdict that the run then has."""
_DOSSIER = """All runs of an evaluation over racks, generations and sites: requirement by requirement what was shown,
first results and every repeat, and a recommendation by the rule in the file. Exits with 1 where it is not
recommended, with 3 where that is not decided."""
_COMPARE = """Exits with 1 where anything got worse beyond its uncertainty. No ratio is given where measurement
boundary, workload, windows, coolant or supply differ, unless a correction is stated, which is printed with it."""
_VERIFY = """Says what was changed, works statistics, decisions and verdict out anew. Exits with 1 where anything
does not hold. The key comes from the station on another way than the bundle; without it nothing proves who wrote it."""
_DECIDE = """VALUE, U and limits are in one unit. The limits are drawn in by w = r·U: guarded r = 1 or --guard, iso14253
r = 0.83 (drawn out as customer), simple 0; ilac4 passes or fails conditionally within U of a limit. With a prior,
what a process makes before it is measured, also the global risks.
Exits with 0 for a pass, also a conditional one, 1 for a fail, 3 where nothing is decided."""
_NEGATIVE = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^-(inf|nan)", re.IGNORECASE)


def _add_deciding(commands: "Commands") -> None:
    decide = _command(commands, "decide", "Decide whether a value is inside its limits.", _DECIDE)
    decide._negative_number_matcher = _NEGATIVE  # noqa: SLF001 - argparse takes -1e-3 for an option until 3.14
    decide.add_argument("value", type=float, metavar="VALUE", help="what was measured")
    decide.add_argument("--uncertainty", type=float, metavar="U", help="expanded uncertainty, k = 2 unless --k")
    decide.add_argument("--low", type=float, metavar="L", help="lower limit")
    decide.add_argument("--high", type=float, metavar="H", help="upper limit; give one limit or both")
    decide.add_argument("--rule", choices=("simple", "guarded", "iso14253", "ilac4"), default="simple")
    decide.add_argument("--guard", type=float, metavar="R", help="guard factor r instead of the rule's own")
    decide.add_argument("--role", choices=("supplier", "customer"), default="supplier", help="who proves, for iso14253")
    decide.add_argument("--k", type=float, metavar="K", help="coverage factor of U (default: 2)")
    decide.add_argument("--standard", action="store_true", help="U is the standard uncertainty, k = 1")
    decide.add_argument("--prior-mean", type=float, metavar="M", help="what the process makes on average")
    decide.add_argument("--prior-sd", type=float, metavar="S", help="standard deviation of what the process makes")
    decide.add_argument("--unit", default="", metavar="UNIT", help="printed behind the figures")


def _add_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host-key", type=Path, metavar="FILE", help="public key that an SSH server must show")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="certificates that a TLS server's must go back to")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="for one exchange, s (default: 5)")


def _add_figures(commands: "Commands") -> None:
    energy = _command(commands, "energy", "Power and energy of a window of a power log.", _ENERGY)
    energy.add_argument("file", type=Path, metavar="FILE")
    energy.add_argument("--format", choices=("csv", "ptdaemon"), required=True)
    energy.add_argument("--begin", metavar="T", help="where the window begins (default: with the first sample)")
    energy.add_argument("--end", metavar="T", help="where it ends (default: with the last sample)")
    rules = ("trapezoid", "step", "step_right", "step_left", "hold")
    energy.add_argument("--rule", choices=rules, default="trapezoid", help="the rule of the energy that counts")
    energy.add_argument("--window", choices=("inclusive", "strict"), default="inclusive", help="samples on its edges")
    energy.add_argument(
        "--column", action="append", default=[], metavar="NAME", help="power to take; several are added"
    )
    energy.add_argument("--mark", metavar="NAME", help="of a ptdaemon log: only lines with this mark")
    energy.add_argument(
        "--utc-offset", default="+00:00", metavar="+HH:MM", help="of times without zone (default: +00:00)"
    )
    energy.add_argument(
        "--max-gap", type=float, metavar="S", help="longest gap, s (default: 3 times the median interval)"
    )
    energy.add_argument("--shape", action="store_true", help="also peaks over 0.1 s to 1 h, the ramp, plateaus")
    energy.add_argument("--min-samples", type=int, default=2, metavar="N", help="fewest samples used (default: 2)")
    power = _command(commands, "mlperf-power", "Check the power logs of an MLPerf submission.", _MLPERF)
    power.add_argument("folder", type=Path, metavar="DIR")
    power.add_argument("--sources", type=Path, metavar="FILE", help="sources_checksums.json of mlcommons/inference")


_ENERGY = """T is ISO 8601, epoch s or ms, MM-DD-YYYY HH:MM:SS.mmm, or a number of the file's own time. The trapezoid
joins samples by lines; step (step_right) gives each the time since the one before, hold (step_left) the time to the
next. An invalid window says why by reason codes and ends with status 1."""
_MLPERF = """DIR holds power/, ranging/ and run_1/ (inference), or results with node logs (training), or lies above such
folders. Gives the official metric and efficiency, and every anomaly found; anomalies end with status 1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    module = importlib.import_module(f"harness.commands.{arguments.command.replace('-', '_')}")
    return _guarded(module.main, arguments)


def _guarded(command: object, arguments: argparse.Namespace) -> int:
    from harness.commands import failures

    return failures.guarded(command, arguments)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
