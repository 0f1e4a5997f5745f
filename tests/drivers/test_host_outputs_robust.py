"""Bad input for every parser of a host tool: it says Garbled or reads what is there, soon, in little memory."""

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.outputs import made
from drivers.errors import Garbled
from drivers.hosts.outputs import HOST_OUTPUTS
from tests.drivers.output_samples import SAMPLES
from tests.drivers.test_host_outputs import assert_sound

LONG = 300_000
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tried(tool: str, output: bytes) -> None:
    try:
        parsed = HOST_OUTPUTS[tool](output)
    except Garbled:
        return
    assert_sound(parsed)


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
@slow
@given(output=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes(tool: str, output: bytes) -> None:
    tried(tool, output)


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
def test_cut_off_at_every_place(tool: str, output: bytes) -> None:
    step = max(1, len(output) // 400)
    for end in range(0, len(output), step):
        tried(tool, output[:end])
        tried(tool, output[end:])


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
@slow
@given(data=st.data())
def test_what_is_changed_somewhere(tool: str, output: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(output)))
    end = data.draw(st.integers(start, min(len(output), start + 40)))
    middle = data.draw(
        st.sampled_from(
            [
                b"",
                b"N/A",
                b"NaN",
                b"-1",
                b"1e999",
                b"9" * 5000,
                b"\xff\xfe",
                b"\x00",
                b"null",
                b"[]",
                b"{}",
                b'"',
                b"\n",
                b"-",
            ]
        )
    )
    tried(tool, output[:start] + middle + output[end:])


def json_samples() -> list[tuple[str, Any]]:
    found = []
    for tool, output in SAMPLES:
        try:
            found.append((tool, json.loads(output)))
        except ValueError:
            continue
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, inner in members for place in places(inner, (*path, name)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    1e300,
    10**40,
    "",
    "N/A",
    "nonsense",
    "\ufffd",
    [],
    {},
    [1],
    {"a": 1},
    [[]],
    "NaN",
)


@pytest.mark.parametrize(("tool", "document"), json_samples())
def test_every_member_of_every_type(tool: str, document: Any) -> None:
    for place in places(document):
        for wrong in WRONG:
            tried(tool, json.dumps(replaced(document, place, wrong)).encode())


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
@pytest.mark.parametrize(
    "output", [b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"\t" * 100_000, b"a: " * 50_000]
)
def test_what_is_nested_without_end(tool: str, output: bytes) -> None:
    started = time.monotonic()
    tried(tool, output)
    assert time.monotonic() - started < 5


def test_entities_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE nvidia_smi_log [<!ENTITY a "aaaa">]><nvidia_smi_log>&a;</nvidia_smi_log>'
    with pytest.raises(Garbled, match="entities"):
        HOST_OUTPUTS["nvidia-smi"](bomb)


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(Garbled, match="twice"):
        HOST_OUTPUTS["nvme-smart"](b'{"critical_warning": 4, "critical_warning": 0, "temperature": 300}')


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
def test_a_long_output_takes_less_than_five_times_its_size(tool: str) -> None:
    """A third of a megabyte here; `benchmarks` shows ten megabytes of each."""
    output = made(tool, LONG)
    assert len(output) > 0.8 * LONG
    tracemalloc.start()
    tried(tool, output)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(output), f"{peak / len(output):.1f} times"
