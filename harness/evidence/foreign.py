"""What others tested: OCP Test & Validation output, JUnit XML, a DCGM diagnostic, each as results of one shape.

A result that is not said to be good is not: a step without a diagnosis, a test that was skipped, a tool that checked
nothing decide nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.etree import ElementTree as ET

from drivers import tools
from drivers.errors import Garbled

Kind = Literal["ocp", "junit", "dcgm"]
Result = Literal["pass", "fail", "undecided"]
LARGEST = 64 << 20
"""B; more than this is no report of a test."""
MOST = 10_000
"""Results in one file."""


class NotForeign(Exception):
    """A file that is none of these, or not whole; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that somebody else measured."""

    name: str
    value: float
    unit: str | None


@dataclass(slots=True)
class Foreign:
    """One result of somebody else's: what it is called, what it came to, why, and what was measured for it."""

    name: str
    result: Result = "undecided"
    why: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def take(self, result: Result, why: str = "") -> None:
        """Add what a part of it came to: one failure fails the whole, and what is open stays so."""
        order: tuple[Result, ...] = ("pass", "undecided", "fail")
        first = self.result == "undecided" and not self.why
        self.result = result if first else max(self.result, result, key=order.index)
        self.why.append(why)


def read(kind: Kind, content: bytes) -> list[Foreign]:
    """Read a file. Raises NotForeign."""
    if len(content) > LARGEST:
        raise NotForeign(f"{len(content)} B; the largest taken has {LARGEST}")
    found = {"ocp": _ocp, "junit": _junit, "dcgm": _dcgm}[kind](content)
    if not found:
        raise NotForeign("no result in it")
    if len(found) > MOST:
        raise NotForeign(f"{len(found)} results; at most {MOST} are taken")
    return found


def guess(content: bytes) -> Kind:
    """Return what a file is by how it begins. Raises NotForeign."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<"):
        return "junit"
    if b"schemaVersion" in start.split(b"\n", 1)[0]:
        return "ocp"
    if b"DCGM" in start:
        return "dcgm"
    raise NotForeign("neither OCP output, nor JUnit XML, nor a DCGM diagnostic; say which with --format")


def _ocp(content: bytes) -> list[Foreign]:
    steps: dict[str, Foreign] = {}
    ended = False
    for number, line in enumerate(content.splitlines(), 1):
        artifact = _object(line, number)
        if isinstance(body := artifact.get("testStepArtifact"), dict):
            _step(steps, body, number)
        if isinstance(body := artifact.get("testRunArtifact"), dict):
            ended = ended or "testRunEnd" in body
    if not ended:
        raise NotForeign("the run has no testRunEnd: it was cut short")
    return list(steps.values())


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NotForeign(f"line {number}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise NotForeign(f"line {number}: not an object")
    return found


def _step(steps: dict[str, Foreign], body: dict[str, Any], number: int) -> None:
    name = body.get("testStepId")
    if not isinstance(name, str):
        raise NotForeign(f"line {number}: a step without testStepId")
    step = steps.setdefault(name, Foreign(name))
    match body:
        case {"diagnosis": {"type": str(kind), **rest}}:
            results: dict[str, Result] = {"PASS": "pass", "FAIL": "fail"}
            step.take(results.get(kind, "undecided"), str(rest.get("message") or rest.get("verdict") or kind))
        case {"error": {**error}}:
            step.take("undecided", str(error.get("message") or error.get("symptom") or "an error"))
        case {"testStepEnd": {"status": str(status)}} if status != "COMPLETE":
            step.take("undecided", f"it ended with {status}")
        case {"measurement": {"name": str(what), "value": float() | int() as value, **rest}} if value is not True:
            unit = rest.get("unit")
            step.values.append(Value(what, float(value), unit if isinstance(unit, str) else None))


def _junit(content: bytes) -> list[Foreign]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NotForeign("a document type in it: entities of others are not followed")
    try:
        root = ET.fromstring(content)  # noqa: S314 - no document type, so no entity to expand
    except ET.ParseError as error:
        raise NotForeign(f"not XML: {error}") from error
    if root.tag not in ("testsuites", "testsuite"):
        raise NotForeign(f"not JUnit: its root is {root.tag!r}")
    return [_case(case) for case in root.iter("testcase")]


def _case(case: ET.Element) -> Foreign:
    found = Foreign(".".join(filter(None, (case.get("classname"), case.get("name") or "unnamed"))))
    for tag, result in _junit_ends():
        for child in case.findall(tag):
            found.take(result, f"{tag}: {child.get('message') or (child.text or '').strip()[:500]}".strip())
    if not found.why:
        found.take("pass", "passed")
    return found


def _junit_ends() -> Iterator[tuple[str, Result]]:
    yield "failure", "fail"
    yield "error", "undecided"
    yield "skipped", "undecided"


def _dcgm(content: bytes) -> list[Foreign]:
    try:
        parsed = tools.parse("dcgm-diag", content)
    except Garbled as error:
        raise NotForeign(f"not a DCGM diagnostic: {error.what}") from error
    verdicts: dict[str, Result] = {"good": "pass", "bad": "fail"}
    found = Foreign("dcgmi diag")
    found.take(verdicts.get(parsed.verdict, "undecided"), "; ".join(parsed.reasons) or parsed.verdict)
    found.values = [
        Value(f.name, float(f.value), f.unit)
        for f in parsed.figures
        if isinstance(f.value, int | float) and not isinstance(f.value, bool)
    ]
    return [found]


def as_name(said: str) -> str:
    """Return what a value is called as limits are: "GPU Temperature" is gpu_temperature."""
    return re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")
