"""`dcgmi diag -r LEVEL -j`: the diagnostics of DCGM 2 to 4.

Source: DCGM user guide, "DCGM Diagnostics"; DCGM 3 writes "DCGM GPU Diagnostic" with `gpu_ids`, DCGM 4
"DCGM Diagnostic" with entities and a summary. The exit status says nothing: it was 0 with failed tests. What a test
says of every GPU counts, not its summary alone, and a test that passed while it recorded an error has verified nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import Any, NamedTuple

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import Reduced, at, read, shown, table, tables
from drivers.hosts.tools.sheet import Sheet, key
from drivers.parsed import Figure, Parsed, Verdict

_ROOTS = ("DCGM Diagnostic", "DCGM GPU Diagnostic")
_KEEP = frozenset(
    (
        *(*_ROOTS, "test_categories", "category", "tests", "name", "results", "status", "warnings", "warning", "info"),
        *("gpu_ids", "gpu_id", "entity_group", "entity_id", "test_summary", "metadata", "version", "runtime_error"),
        *("Driver Version Detected", "entity_groups", "entities", "serial_num", "error_id"),
    )
)
_OF_RESULT = frozenset(("status", "warnings", "info", "gpu_ids", "gpu_id", "entity_group", "entity_id", "error_id"))
_WORST_FIRST = ("fail", "warn", "unknown", "not run", "skip", "pass")
_TROUBLE = re.compile(
    r"\b(error|fail(ed|ure)?|unable|could ?n[o']t|cannot|insufficient|out of memory)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a test says of one entity, or of all in its summary (`entity` is "" then)."""

    entity: str
    status: str
    said: str
    warned: bool


class _Result(NamedTuple):
    test: str
    told: _Told

    @property
    def entity(self) -> str:
        return self.told.entity

    @property
    def status(self) -> str:
        return self.told.status

    @property
    def said(self) -> str:
        return self.told.said


def parse(output: bytes) -> Parsed:
    """Read a report. Raises Garbled. `good` where every test passed on every GPU, and none recorded an error."""
    document = table(read(output, Reduced(_KEEP, digest=_digest)))
    root = next((document[name] for name in _ROOTS if name in document), None)
    report = table(root, "report of dcgmi diag")
    results = list(_results(report))
    sheet = Sheet()
    _about(sheet, document, report)
    for result in results:
        entity = f"/{result.entity}" if result.entity else ""
        sheet.put(
            Figure(f"test[{key(result.test + entity)}].status", result.status, None, result.said or result.status)
        )
    _counted(sheet, results)
    return sheet.parsed("dcgm-diag", *_judged(report, results), _version(document, report))


def _results(report: dict[str, Any]) -> Iterator[_Result]:
    categories = tables(report["test_categories"]) if "test_categories" in report else [report]
    for category in categories:
        for test in tables(category.get("tests", [])):
            name = test.get("name")
            if not isinstance(name, str) or not name:
                raise Garbled("a test without a name", received=shown(test))
            yield from _of_test(name, test)


def _of_test(name: str, test: dict[str, Any]) -> Iterator[_Result]:
    listed = test.get("results", [])
    results = [result for result in (listed if isinstance(listed, list) else [listed]) if isinstance(result, _Told)]
    for result in results:
        yield _Result(name, result)
    if "test_summary" in test:
        if not isinstance(test["test_summary"], _Told):
            raise Garbled("a test without a summary", received=shown(test["test_summary"]))
        yield _Result(name, test["test_summary"])
    elif not results:
        yield _Result(name, _Told("", "not run", "no result", warned=False))


def _entity(result: dict[str, Any]) -> str:
    if "entity_group" in result or "entity_id" in result:
        return f"{shown(result.get('entity_group'))}{shown(result.get('entity_id'))}"
    gpus = shown(result.get("gpu_ids", result.get("gpu_id", "")))
    return f"GPU{gpus}" if gpus else ""


def _digest(members: dict[str, Any]) -> Any:
    """Return what a result or a summary tells; objects that are neither stay as they are."""
    return _told_by(members) if members and set(members) <= _OF_RESULT else members


def _told_by(result: dict[str, Any]) -> _Told:
    status = shown(result.get("status")).strip().lower().replace("notrun", "not run")
    warnings, info = _told(result.get("warnings")), _told(result.get("info"))
    known = intern(status) if status in _WORST_FIRST else "unknown"
    warned = bool(warnings) or bool(_TROUBLE.search(info))
    said = (warnings or info or shown(result.get("status")))[:200]
    return _Told(intern(_entity(result)), known, intern(said), warned)


def _told(value: Any) -> str:
    """Return warnings or remarks as one text, whether they come as text, as a list, or with their numbers."""
    if isinstance(value, list):
        return "; ".join(said for member in value if (said := _told(member)))
    if isinstance(value, dict):
        return shown(value.get("warning", value.get("info", value)))
    return shown(value).strip()


def _about(sheet: Sheet, document: dict[str, Any], report: dict[str, Any]) -> None:
    for owner in (document.get("metadata"), report):
        driver = at(owner, "Driver Version Detected")
        if driver is not None:
            sheet.add("driver_version", driver)
    groups = [*tables(document.get("entity_groups", [])), *tables(report.get("entity_groups", []))]
    for group in groups:
        for entity in tables(group.get("entities", [])):
            if "serial_num" in entity and group.get("entity_group") == "GPU":
                sheet.add(f"gpu[{key(shown(entity.get('entity_id')))}].serial", entity["serial_num"])


def _version(document: dict[str, Any], report: dict[str, Any]) -> str | None:
    said = at(document, "metadata", "version") or report.get("version") or document.get("version")
    return said if isinstance(said, str) else None


def _counted(sheet: Sheet, results: list[_Result]) -> None:
    worst: dict[str, str] = {}
    for result in results:
        worst[result.test] = min(worst.get(result.test, "pass"), result.status, key=_WORST_FIRST.index)
    counts = Counter(worst.values())
    for name, statuses in (("passed", ("pass",)), ("failed", ("fail",)), ("warned", ("warn",))):
        sheet.put(Figure(f"tests_{name}", sum(counts[s] for s in statuses), "1", str(dict(counts))))
    sheet.put(Figure("tests_skipped", sum(counts[s] for s in ("skip", "not run", "unknown")), "1", str(dict(counts))))


def _judged(report: dict[str, Any], results: list[_Result]) -> tuple[list[str], Verdict]:
    wrong = [_told(report["runtime_error"])] if report.get("runtime_error") else []
    wrong += [_reason(result) for result in results if result.status in ("fail", "warn")]
    unsure = [_reason(result) for result in results if result.status in ("skip", "not run", "unknown")]
    unsure += [f"{_reason(r)}, with an error recorded" for r in results if r.status == "pass" and r.told.warned]
    if not results:
        unsure.append("no test was run")
    return [*wrong, *unsure], "bad" if wrong else "unverified" if unsure else "good"


def _reason(result: _Result) -> str:
    where = f"{result.test} {result.entity}".strip()
    return f"{where}: {result.status}" + (f": {result.said}" if result.said.lower() != result.status else "")
