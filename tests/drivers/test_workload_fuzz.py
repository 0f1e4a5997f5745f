"""Outputs of workloads that are cut, spoilt or made of anything: read or Garbled, and never good where cut."""

import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.tools import parse
from tests.drivers.outputs import GOOD, fio, iperf3, nccl_json, nvbandwidth_json

# What stands behind this is no part of the result: whether it is there decides nothing.
ENDS: dict[str, str] = {
    "gpu-burn": "GPU 1: OK",
    "hpl": "illegal input values.\n",
    "hpcc": "End of Summary section.\n",
    "hpl-mxp": "MxP Result    ******\n",
    "stream": "on all three arrays\n",
    "stress-ng": "successful run completed in 2.00s\n",
    "nccl-tests": "126.75 \n",
    "rccl-tests": "126.75 \n",
    "ib-write-bw": "-" * 20,
    "ib-read-lat": "-" * 20,
    "loadgen": "errors encountered during test.\n",
}


@pytest.mark.parametrize("tool", GOOD)
def test_cut_anywhere_it_is_not_good(tool: str) -> None:
    whole = GOOD[tool].encode()
    end = len(whole.rstrip()) if tool not in ENDS else whole.rindex(ENDS[tool].encode()) + len(ENDS[tool])
    for at in range(end):
        try:
            verdict = parse(tool, whole[:at]).verdict
        except Garbled:
            continue
        assert verdict != "good", whole[max(0, at - 80) : at]


LONG = [b" ", b"1 ", b"= ", b"a: ", b"[", b"-1.00", b"0.1%  proc'd: ", b"||Ax-b||=", b"# ", b"a[b] ", b"{"]


@pytest.mark.parametrize("tool", GOOD)
def test_long_lines_take_no_long_time(tool: str) -> None:
    began = time.monotonic()
    for word in LONG:
        with suppress(Garbled):
            parse(tool, GOOD[tool].encode() + word * 100_000 + b"\n")
    assert time.monotonic() - began < 60  # an expression that goes back over what it has seen takes hours


def changed(tool: str) -> st.SearchStrategy[bytes]:
    whole = GOOD[tool].encode()
    places = st.integers(0, len(whole))
    words = st.sampled_from(
        [b"", b"nan", b"-1", b"9" * 400, b"1e308", b"\xff", b"N/A", b"\r\n", b"{}", b"[]", b'"a"', b"null"]
    )

    def splice(start: int, length: int, word: bytes) -> bytes:
        return whole[:start] + word + whole[start + length :]

    return st.builds(splice, places, st.integers(0, 40), words)


@pytest.mark.parametrize("tool", GOOD)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_anything_is_read_or_garbled(tool: str, data: st.DataObject) -> None:
    output = data.draw(st.one_of(changed(tool), st.binary(max_size=300)))
    try:
        parsed = parse(tool, output)
    except Garbled:
        return
    assert parsed.verdict in {"good", "bad", "unverified"}
    assert bool(parsed.reasons) == (parsed.verdict != "good")
    json.dumps([figure.value for figure in parsed.figures], allow_nan=False)


JSON_TOOLS: dict[str, Callable[[], str]] = {
    "fio": fio, "iperf3": iperf3, "nccl-tests": nccl_json, "nvbandwidth": nvbandwidth_json,
}  # fmt: skip
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@pytest.mark.parametrize("tool", JSON_TOOLS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_values_of_any_type_are_read_or_garbled(tool: str, data: st.DataObject) -> None:
    report = json.loads(JSON_TOOLS[tool]())
    at = report
    while True:
        key = data.draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else data.draw(st.integers(0, len(at) - 1))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(json_values)
            break
        at = at[key]
    with suppress(Garbled):
        parse(tool, json.dumps(report).encode())
