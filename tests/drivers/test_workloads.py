from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.workloads import gpu_burn, stress_ng


def burn(*, speeds: str = "9000 9000", errors: str = "0 - 0", verdicts: str = "OK OK", percent: str = "100.0") -> str:
    done = " - ".join(f"100 ({speed} Gflop/s)" for speed in speeds.split())
    progress = f"{percent}%  proc'd: {done}   errors: {errors}   temps: 61 C - -- \r"
    lines = "".join(f"\tGPU {n}: {verdict}\n" for n, verdict in enumerate(verdicts.split()))
    return f"GPU 0: GB200 (UUID: GPU-1)\n{progress}done\n\nTested {len(verdicts.split())} GPUs:\n{lines}"


def test_a_good_run() -> None:
    result = gpu_burn.parse(burn())
    assert result.passed
    assert [gpu.flops for gpu in result.gpus] == [9e12, 9e12]
    assert [gpu.temperature for gpu in result.gpus] == [61.0, None]


@pytest.mark.parametrize(
    "text",
    [
        burn(verdicts="OK FAULTY"),
        burn(errors="0 - 7"),
        burn(errors="0 - 7  (WARNING!)"),
        burn(errors="-1  (DIED!) - 0"),
        burn(speeds="9000 0"),
        burn().partition("Tested")[0],
        burn().replace("\tGPU 1: OK\n", ""),
    ],
)
def test_what_must_never_read_as_good(text: str) -> None:
    assert not gpu_burn.parse(text).passed


def test_a_gpu_that_has_not_reported_has_no_speed() -> None:
    result = gpu_burn.parse(burn(speeds="9000 0", percent="40.0").partition("done")[0])
    assert [gpu.flops for gpu in result.gpus] == [9e12, None]
    assert (result.progress, result.ended) == (40.0, False)


@pytest.mark.parametrize(
    "text", ["", "Couldn't init CUDA", burn(errors="0"), burn(verdicts="OK"), burn(errors="x - 0")]
)
def test_what_is_no_output_of_gpu_burn(text: str) -> None:
    with pytest.raises(Garbled):
        gpu_burn.parse(text)


@pytest.mark.captures
def test_a_recorded_run(captures: Path) -> None:
    text = (captures / "outputs" / "gpu_burn" / "superbench_8gpu_pass.log").read_bytes().decode()
    result = gpu_burn.parse(text)
    assert result.passed
    assert len(result.gpus) == 8
    half_way = gpu_burn.parse(text[: text.index("60.0%")])
    assert not half_way.passed
    assert any(gpu.flops is None for gpu in half_way.gpus)


METRICS = """\
---
system-info:
      cpus: 2
metrics:
    - stressor: cpu
      bogo-ops: {ops}
      bogo-ops-per-second-real-time: {rate}
      wall-clock-time: 10.000457
times:
      run-time: 10.0
...
"""


def test_metrics_of_stress_ng() -> None:
    result = stress_ng.parse(METRICS.format(ops=2181, rate="218.0"))
    assert result.stressors == (stress_ng.Stressor("cpu", 2181.0, 218.0, 10.000457),)
    assert result.passed
    assert not stress_ng.parse(METRICS.format(ops=0, rate="0.0")).passed


@pytest.mark.parametrize("text", ["", "metrics:\n", "---\nsystem-info:\n", METRICS.format(ops="many", rate="1")])
def test_what_are_no_metrics(text: str) -> None:
    with pytest.raises(Garbled):
        stress_ng.parse(text)


def test_commands_state_their_length() -> None:
    assert gpu_burn.command(600) == "gpu_burn 600"
    assert stress_ng.command(10).startswith("stress-ng --cpu 0 --timeout 10s --metrics --yaml ")


noise = st.text("0123456789.%- proc'd:()Gflop/serrotmsCOKFAULTY\t\r\n", max_size=200)


@given(st.one_of(st.text(), noise, noise.map(lambda t: burn() + t), noise.map(lambda t: METRICS + t)))
def test_any_text_is_a_result_or_garbled(text: str) -> None:
    for parse in (gpu_burn.parse, stress_ng.parse):
        with suppress(Garbled):
            parse(text)
