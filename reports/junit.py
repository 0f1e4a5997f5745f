"""JUnit XML for CI servers: a suite for each group, and one whose single case is the verdict of the run.

The verdict stands as a case of its own because a CI server that sees only skipped cases would call an incomplete run
green. Text passes through `clean`, so that nothing a device says is illegal in XML 1.0.
"""

from datetime import UTC
from xml.etree import ElementTree as ET

from harness import wording
from harness.figures import clean
from harness.records import Measurement
from harness.run import Case, Run
from reports import sentences


def render(run: Run) -> str:
    """Return the run as one JUnit `testsuites` document."""
    root = ET.Element("testsuites", name=clean(run.start.run))
    _add_verdict(root, run)
    for group in sentences.groups(run):
        cases = [case for case in run.cases.values() if case.planned.group == group]
        _add_group(_suite(root, clean(group), run), cases)
    if run.left_out:
        _add_left_out(_suite(root, "left out", run), run)
    for suite in root:
        _count(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, run: Run) -> ET.Element:
    began = run.begun.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return ET.SubElement(root, "testsuite", name=name, timestamp=began, hostname=clean(run.start.station))


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _add_verdict(root: ET.Element, run: Run) -> None:
    suite = _suite(root, "verdict", run)
    facts = {
        "verdict": run.verdict,
        "serial": run.start.serial,
        "generation": run.start.generation,
        "profile": f"{run.start.profile} rev {run.start.profile_revision}",
        "plan": run.start.plan,
        "emulated": sentences.banner(run) or "no",
    }
    _add_properties(suite, facts)
    case = ET.SubElement(suite, "testcase", classname="rackproof", name=f"rack {clean(run.start.serial)}", time="0.000")
    if run.verdict == "REJECTED":
        _add_result(case, "failure", "REJECTED", sentences.counts(run))
    elif run.verdict == "INCOMPLETE":
        why = "\n".join(f"{point.label} {point.what}".strip() for point in sentences.open_points(run))
        _add_result(case, "error", "INCOMPLETE", sentences.counts(run), why)


def _add_group(suite: ET.Element, cases: list[Case]) -> None:
    for case in cases:
        seconds = f"{case.seconds or 0.0:.3f}"
        name = f"{clean(case.planned.case)} {clean(case.planned.claim)}"
        element = ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name, time=seconds)
        _add_properties(element, _measured(case.measurements))
        _add_outcome(element, case)
        evidence = "\n".join(line for m in case.measurements for line in _evidence(m))
        if evidence:
            ET.SubElement(element, "system-out").text = evidence


def _add_outcome(element: ET.Element, case: Case) -> None:
    attribution = case.attribution or "not attributed"
    if case.outcome == "fail":
        reasons = sentences.reasons(case)
        _add_result(element, "failure", attribution, reasons[0], "\n".join([*reasons, _lines(case.message)]))
    elif case.outcome == "skip":
        ET.SubElement(element, "skipped", message=sentences.undecided(case))
    elif case.outcome != "pass":
        _add_result(element, "error", attribution, sentences.undecided(case), _lines(case.message))


def _lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines())


def _add_result(parent: ET.Element, tag: str, kind: str, message: str, text: str = "") -> None:
    ET.SubElement(parent, tag, type=kind, message=message).text = text or None


def _add_properties(parent: ET.Element, facts: dict[str, str]) -> None:
    if facts:
        holder = ET.SubElement(parent, "properties")
        for name, value in facts.items():
            ET.SubElement(holder, "property", name=clean(name), value=clean(value))


def _measured(measurements: list[Measurement]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for m in measurements:
        name = f"{m.where} {m.name}" if m.where else m.name
        key = name if name not in facts else f"{name} #{len(facts) + 1}"
        facts[key] = f"{wording.value(m)} [{wording.limit(m)}] {m.judged} by {wording.ruling(m)}"
    return facts


def _evidence(m: Measurement) -> list[str]:
    lines = [f"{wording.subject(m)} = {wording.value(m)}: {m.judged} by {wording.rule(m)}"]
    lines += [f"  source   {clean(source)}" for source in m.sources]
    return lines + ([f"  received {clean(m.raw)}"] if m.raw is not None else [])


def _add_left_out(suite: ET.Element, run: Run) -> None:
    for left in run.left_out.values():
        case = ET.SubElement(suite, "testcase", classname="left out", name=clean(left.case), time="0.000")
        ET.SubElement(case, "skipped", message=sentences.why_left_out(left))
