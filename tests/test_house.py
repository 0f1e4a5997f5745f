"""The house rules that no other tool checks: sizes, docstrings, what is never written, what is never committed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from drivers.points import UNITS
from harness import profile

ROOT = Path(__file__).parents[1]
PACKAGES = ("drivers", "harness", "reports", "test_plans")
PYTHON = sorted(path for package in (*PACKAGES, "tests", "benchmarks") for path in (ROOT / package).rglob("*.py"))
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in PACKAGES]

LONGEST_FUNCTION, USUAL_FUNCTION, USUAL_SHARE, LONGEST_MODULE = 50, 25, 0.90, 400


MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|work|root|opt|mnt|Users)/\w+")
INDEX_ADDRESSES = re.compile(
    r"--(?:extra-)?index-url|--find-links|https?://[\w.-]*(?:pypi|pythonhosted|artifactory)[\w./-]*"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _named(path: Path, node: ast.AST, what: str = "") -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)} {what or getattr(node, 'name', '')}".strip()


def _functions(paths: list[Path]) -> Iterator[tuple[Path, Function, int]]:
    for path in paths:
        for node in ast.walk(_tree(path)):
            if isinstance(node, Function):
                yield path, node, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_fifty_lines() -> None:
    too_long = [_named(path, node) for path, node, lines in _functions(PYTHON) if lines > LONGEST_FUNCTION]
    assert not too_long


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(lines for _, _, lines in _functions(OURS))
    assert sum(lines < USUAL_FUNCTION for lines in lengths) >= USUAL_SHARE * len(lengths)
    assert lengths[len(lengths) // 2] <= 8


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    assert not {path: lines for path, lines in sizes.items() if lines > LONGEST_MODULE}


def test_names_say_what_a_module_is_for() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "manager", "base", "core", "misc"}
    assert not [path.relative_to(ROOT) for path in PYTHON if vague & {path.stem, path.parent.name}]
    assert not [_named(path, n) for path in PYTHON for n in ast.walk(_tree(path)) if _is_manager(n)]


def _is_manager(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and node.name.endswith("Manager")


def test_time_is_waited_for_in_one_place_only() -> None:
    clock = ROOT / "harness" / "clock.py"
    found = [_named(p, n, "sleep") for p in PYTHON if p != clock for n in ast.walk(_tree(p)) if _sleeps(n)]
    assert not found


def _sleeps(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(alias.name == "sleep" for alias in node.names)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"


def test_who_catches_everything_raises_it_again() -> None:
    found = [_named(p, n, "except") for p in PYTHON for n in ast.walk(_tree(p)) if _swallows_everything(n, _tree(p))]
    assert not found


def _swallows_everything(node: ast.AST, tree: ast.Module) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = "" if node.type is None else ast.unparse(node.type)
    broad = node.type is None or re.search(r"\b(Base)?Exception\b", caught) is not None
    return broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)) and not _hands_on(node, tree)


def _hands_on(handler: ast.ExceptHandler, tree: ast.Module) -> bool:
    """Tell whether the handler keeps the error where another thread of the same module raises it."""
    stored = [n for n in ast.walk(handler) if isinstance(n, ast.Assign) and ast.unparse(n.value) == handler.name]
    places = {ast.unparse(target) for assign in stored for target in assign.targets}
    raised = {ast.unparse(n.exc) for n in ast.walk(tree) if isinstance(n, ast.Raise) and n.exc is not None}
    return bool(places & raised)


def test_nothing_of_the_standard_library_is_replaced() -> None:
    replaced = re.compile(r"unittest\.mock|\bmonkeypatch\.setattr\b|\bmocker\b")
    this = Path(__file__)
    assert not [path.relative_to(ROOT) for path in PYTHON if path != this and replaced.search(path.read_text("utf-8"))]


def test_nobody_asks_whether_the_rack_is_emulated() -> None:
    """A report says it, and the verdict needs it; nothing that drives or judges may."""
    asking = re.compile(r"\bif (not )?[\w.]*\bemulated\b")
    driving = [path for path in OURS if path.relative_to(ROOT).parts[0] in {"drivers", "test_plans"}]
    driving += [ROOT / "harness" / f"{name}.py" for name in ("session", "states", "sampling", "dwell", "measuring")]
    assert not [path.relative_to(ROOT) for path in driving if asking.search(path.read_text(encoding="utf-8"))]


def test_the_emulator_uses_only_the_clock_of_ours() -> None:
    allowed = ("harness.emulator", "harness.clock")
    wrong = []
    for path in (ROOT / "harness" / "emulator").rglob("*.py"):
        wrong += [f"{path.name}: {name}" for name in _imports(path) if not name.startswith(allowed)]
    assert not wrong


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_public_says_what_it_is(package: str) -> None:
    paths = [path for path in OURS if path.relative_to(ROOT).parts[0] == package]
    silent = [_named(path, _tree(path), "the module") for path in paths if not ast.get_docstring(_tree(path))]
    silent += [_named(path, node) for path in paths for node in _public(_tree(path)) if not ast.get_docstring(node)]
    assert not silent


def _public(scope: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    for node in scope.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_") or _is_overload(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node)


def _is_overload(node: Function | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


def test_points_and_limits_use_the_closed_list_of_units() -> None:
    wrong = [_named(p, n, u) for p in OURS for n, u in _units(_tree(p)) if u not in UNITS | profile.DERIVED]
    assert not wrong


def _units(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Find what stands as the unit of a Point or a Quantity."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {"Point", "Quantity", "SensorPoint"}:
            continue
        given = [k.value for k in node.keywords if k.arg == "unit"] or node.args[1:2]
        yield from ((node, g.value) for g in given if isinstance(g, ast.Constant) and isinstance(g.value, str))


def test_nothing_committed_names_a_machine_or_an_index() -> None:
    found = []
    for path in _committed():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {m.group()}" for m in MACHINE_PATHS.finditer(text)]
        found += [f"{path.relative_to(ROOT)}: {m.group()}" for m in INDEX_ADDRESSES.finditer(text)]
    assert not found


def _committed() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone of the repository")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file() and Path(name) != Path(__file__).relative_to(ROOT)]
