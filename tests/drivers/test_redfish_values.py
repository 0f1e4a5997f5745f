from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import DriverError, Garbled, NoReading
from drivers.redfish_http import Answer, complaint
from drivers.redfish_values import finite, number, sensor, unit_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Reading", "Status", "State"]), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_a_number_or_an_error(value: Any) -> None:
    with suppress(DriverError):
        assert abs(finite(value)) <= 1e18
    with suppress(DriverError):
        assert abs(number(value, "Reading")) <= 1e18
    with suppress(DriverError):
        assert abs(number({"Reading": value}, "Reading")) <= 1e18
    with suppress(DriverError):
        assert abs(sensor({"Reading": value, "ReadingUnits": "W"})[0]) <= 1e18


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1), ("41.5", 41.5), (" 1e3 ", 1000.0), ({"Reading": "12"}, 12.0), ({"Reading": 0}, 0)]
)
def test_numbers_are_read_also_as_text(value: Any, expected: float) -> None:
    assert number({"x": value}, "x") == expected


@pytest.mark.parametrize("value", [None, "", "Null", "N/A", {"Reading": None}, {}, {"Reading": "nan"}])
def test_no_number_says_so(value: Any) -> None:
    with pytest.raises(NoReading):
        number({"x": value}, "x")


@pytest.mark.parametrize("value", [True, [], "12 W", "1,5", "0x10", float("inf"), 10**400, {"Reading": True}])
def test_what_is_no_number_is_garbled(value: Any) -> None:
    with pytest.raises(Garbled):
        number({"x": value}, "x")


def test_units_of_sensors() -> None:
    assert unit_of({"ReadingUnits": "kPa"}) == ("Pa", 1000.0)
    assert unit_of({"ReadingUnits": "%", "ReadingType": "Humidity"}) == ("%RH", 1.0)
    assert unit_of({"ReadingType": "EnergykWh"}) == ("Wh", 1000.0)
    with pytest.raises(NoReading, match="no unit"):
        unit_of({"Reading": 1})
    with pytest.raises(Garbled, match="furlong"):
        unit_of({"ReadingUnits": "furlong"})


def test_a_complaint_of_any_shape() -> None:
    assert complaint(Answer(400, {}, {"error": {"code": "x", "message": "wrong"}})) == "status 400 wrong"
    bodies: list[Any] = [[], "x", {"error": []}, {"error": {"@Message.ExtendedInfo": [None, {"Message": 5}]}}, None]
    for body in bodies:
        assert complaint(Answer(400, {}, body)) == "status 400"
