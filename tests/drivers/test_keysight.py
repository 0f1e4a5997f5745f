from drivers.meters.keysight import Pa2203a
from tests.drivers.bench import Bench, by_name, on_bench, units, values

MEASURED = {"VOLT:DC?": "+1.2E-01", "CURR:DC?": "9.91E+37", "VOLT:RMS?": "+2.301E+02", "POW:REAL?": "+2.006E+04"}
FIXED = {"*IDN?": "KEYSIGHT TECHNOLOGIES,PA2203A,MY56000123,02.10", "*ESR?": "0", ":SYST:ERR?": '+0,"No error"'}


def analyser() -> tuple[Pa2203a, Bench]:
    def answer(line: str) -> str | None:
        if line in FIXED:
            return FIXED[line]
        replies = [MEASURED.get(u.partition(":")[2].partition(":")[2].partition(":")[2]) for u in units(line)]
        # What is unknown ends the message (IEEE 488.2 6.1.6): what came before has its reply.
        known = replies[: replies.index(None)] if None in replies else replies
        return ";".join(filter(None, known)) or None

    return on_bench(Pa2203a, answer)


def test_reads_what_it_answers_and_names_the_rest() -> None:
    device, bench = analyser()
    readings = by_name(device.read())
    assert values(readings, "power", "phase[3].power", "phase[2].voltage") == [60_180.0, 20_060.0, 230.1]
    assert readings["phase[1].voltage_dc"].value == 0.12
    assert readings["phase[1].current_dc"].reason == "no data"
    assert "does not give :ANAL:QUAL1:CURR:RMS?" in (readings["phase[1].current"].reason or "")
    assert device.clock.monotonic() > 1.0
    last = [asked for asked in bench.asked if asked.startswith(":ANAL")][-1]
    assert len(units(last)) == 12
    assert bench.written[-3:] == [f":ANAL:QUAL{n}:MEAS" for n in (1, 2, 3)]


def test_a_two_channel_model_has_two_channels() -> None:
    device, bench = analyser()
    usual = bench.answer
    bench.answer = lambda line: FIXED["*IDN?"].replace("2203", "2201") if line == "*IDN?" else usual(line)
    assert len(device.read("phase[*].voltage")) == 2
