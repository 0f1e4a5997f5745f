"""What was said to PTDaemon: version, meter, ranges; each command and its exact answer.

As mlcommons/inference, power_checker.py, asks for it. The versions of PTDaemon that earlier rounds took stand in
mlcommons/power-dev, compliance/check.py, at different times.
"""

import re
from typing import Any

from harness.mlperf.findings import Findings
from harness.mlperf.mllog import Json
from harness.mlperf.session import Session

VERSIONS = ("1.11.1",)
EARLIER_VERSIONS = ("1.9.1", "1.9.2", "1.10.0")
MODELS = {
    "YokogawaWT210": 8, "YokogawaWT500": 35, "YokogawaWT500_multichannel": 48, "YokogawaWT310": 49,
    "YokogawaWT310E": 49, "YokogawaWT330": 52, "YokogawaWT330E": 52, "YokogawaWT330_multichannel": 77,
    "YokogawaWT210_DC": 508, "YokogawaWT310_DC": 549, "YokogawaWT330_DC": 586,
}  # fmt: skip
"""Meters that MLPerf takes, with the device number that PTDaemon knows them by."""

LARGEST_UNCERTAINTY = 0.01
_STARTED = "Starting untimed measurement, maximum 500000 samples at 1000ms with 0 rampup samples"
_ANSWERS = (("SR,A", "Range A changed"), ("SR,V", "Range V changed"), ("Go,1000,", _STARTED))

Messages = list[tuple[str, str]]


def check(session: Session, findings: Findings) -> None:
    """Check the commands and the configuration, where the server wrote them down."""
    if not session.server:
        return
    messages = _messages(session.server)
    if not messages:
        findings.error("missing_field", session.server_path, "has no ptd_messages: how power was measured is not known")
    for conversation in _conversations(messages):
        _check_identity(conversation, session, findings)
        if not any(command == "RR" for command, _ in conversation):
            findings.error(
                "range_not_restored", session.server_path, "the ranges that the meter had were not asked for"
            )
            continue
        _check_answers(conversation, session, findings)
        _check_ranges(conversation, session, findings)
        _check_uncertainty(conversation, session, findings)
    _check_config(session, findings)


def _messages(record: Json) -> Messages:
    found = record.get("ptd_messages")
    listed = found if isinstance(found, list) else []
    return [(str(m.get("cmd")), str(m.get("reply"))) for m in listed if isinstance(m, dict)]


def _conversations(messages: Messages) -> list[Messages]:
    """Return what was said to each of several analysers, whose messages stand one after the other in one list."""
    starts = [i for i, (command, _) in enumerate(messages) if command == "Hello" and i] if messages else []
    return [messages[a:b] for a, b in zip([0, *starts], [*starts, len(messages)], strict=True) if b > a]


def _check_identity(messages: Messages, session: Session, findings: Findings) -> None:
    identity = next((reply for command, reply in messages if command == "Identify"), "")
    found = re.search(r"(?<=version=)(.+?)-", identity)
    version, model, where = found[1] if found else "", identity.split(",")[0], session.server_path
    if version in EARLIER_VERSIONS:
        findings.note(
            "ptd_version", where, f"PTDaemon {version} was taken in earlier rounds; now {', '.join(VERSIONS)} is"
        )
    elif version not in VERSIONS:
        findings.error("ptd_version", where, f"PTDaemon {version or 'unknown'}; {', '.join(VERSIONS)} is taken")
    if model not in MODELS:
        findings.error("ptd_model", where, f"meter {model!r} is not among {', '.join(MODELS)}")


def _check_answers(messages: Messages, session: Session, findings: Findings) -> None:
    stops = 0
    for command, reply in messages:
        wanted = next((answer for start, answer in _ANSWERS if command.startswith(start)), None)
        if command == "Stop":
            stops += 1
            wanted = "Stopping untimed measurement" if stops < 3 else "Error: no measurement to stop"
        if wanted is not None and reply != wanted:
            findings.error("ptd_answer", session.server_path, f"{command!r} was answered {reply!r}, want {wanted!r}")


def _check_ranges(messages: Messages, session: Session, findings: Findings) -> None:
    """Check that the measured run had fixed ranges, and that the meter got back the ranges that it had before."""
    initial = next((reply.split(",") for command, reply in messages if command == "RR"), [])
    runs = [i for i, (command, _) in enumerate(messages) if command.startswith("Go,")]
    for letter, place in (("A", 1), ("V", 3)):
        sent = [(i, c) for i, (c, _) in enumerate(messages) if c.startswith(f"SR,{letter},")]
        before = [command for i, command in sent if len(runs) > 1 and i < runs[1]]
        if before and before[-1].endswith(",Auto"):
            findings.error(
                "auto_range", session.server_path, f"{before[-1]!r} before the measured run: ranges must be fixed"
            )
        wanted = f"SR,{letter},{_initial(initial, place)}"
        restored = [command for _, command in sent[2:4]]
        if wanted not in restored:
            text = f"the meter had {wanted!r} before; afterwards came {restored or 'nothing'}"
            findings.error("range_not_restored", session.server_path, text)


def _initial(reply: list[str], place: int) -> str:
    """Return the range that the meter had: a figure where it was fixed, else Auto."""
    fixed = len(reply) > place + 1 and reply[place] == "0"
    return reply[place + 1] if fixed and _positive(reply[place + 1]) else "Auto"


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def _check_uncertainty(messages: Messages, session: Session, findings: Findings) -> None:
    """Check the meter's own account of the measured run: `Uncertainty,mean,min,max,..`, as shares of the reading."""
    replies = [reply.split(",") for command, reply in messages if command == "Uncertainty"]
    mean = replies[-1][1] if replies and len(replies[-1]) > 1 else ""
    if not replies:
        findings.note("uncertainty", session.server_path, "PTDaemon was not asked for the uncertainty")
    elif not _positive(mean):
        findings.error("uncertainty", session.server_path, f"uncertainty of the measured run is not known: {mean!r}")
    elif not float(mean) <= LARGEST_UNCERTAINTY:
        findings.error(
            "uncertainty", session.server_path, f"uncertainty of the measured run is {float(mean):.2%}, 1 % is allowed"
        )


def sample_counts(session: Session) -> tuple[int | None, int | None]:
    """Return how many samples PTDaemon said that the ranging and the measured run had."""
    found = [
        re.fullmatch(r"Last (\d{1,9}) samples", reply)
        for command, reply in _messages(session.server)
        if command == "RL"
    ]
    counts = [int(match[1]) for match in found if match]
    return (counts[0], counts[1]) if len(counts) == 2 else (None, None)


def _check_config(session: Session, findings: Findings) -> None:
    config = session.server.get("ptd_config")
    analysers: list[Any] = config if isinstance(config, list) else [config]
    for analyser in analysers:
        if not isinstance(analyser, dict):
            findings.error("missing_field", session.server_path, "has no ptd_config")
            continue
        number = analyser.get("device_type")
        if number not in MODELS.values():
            findings.error(
                "ptd_model", session.server_path, f"device number {number!r} is not one of a meter that is taken"
            )
        if number == 77 and not _has_two_channels(analyser):
            findings.error(
                "ptd_model", session.server_path, "a multichannel WT330 was set up with other than two channels"
            )


def _has_two_channels(analyser: Json) -> bool:
    command, channels = analyser.get("command"), analyser.get("channel")
    words = [str(word) for word in command] if isinstance(command, list) else []
    named = words[words.index("-c") + 1] if "-c" in words[:-1] else ""
    return len(named.split(",")) == 2 and isinstance(channels, list) and len(channels) == 2
