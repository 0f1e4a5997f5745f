"""Walks through sessions that answer anything: they end, with rows or with an error for the column."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent
from drivers.snmp_messages import END, GET_BULK, Answer, Oid
from drivers.snmp_walk import columns, objects, started

QUERIES = ["walk 1.3.1", "walk 1.3.2", "walk 1.3.3"]
arcs = st.lists(st.integers(0, 4), max_size=4).map(lambda rest: (1, 3, *rest))
values = st.one_of(st.integers(), st.binary(max_size=4), st.just(END), st.builds(NoReading, st.just("none")))
answers = st.builds(
    Answer,
    st.sampled_from([0, 0, 0, 0, 1, 2, 5, 99, -1]),
    st.integers(-2, 6),
    st.lists(st.tuples(arcs, values), max_size=9),
)


class Saying:
    """A session that gives these answers, the last one again and again; an error among them is raised."""

    def __init__(self, said: Sequence[Answer | DriverError]) -> None:
        self.said, self.asked, self.bulk, self.timeout_s = list(said), list[tuple[int, tuple[Oid, ...]]](), True, 5.0
        self.wide, self.answered = True, True

    def exchange(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Answer:
        self.asked.append((kind, tuple(oids)))
        answer = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(answer, DriverError):
            raise answer
        return answer

    def put(self, oid: Oid, value: int) -> Answer:
        raise AssertionError

    def close(self) -> None:
        pass


@given(st.lists(answers, min_size=1, max_size=12))
def test_any_answers_end_a_walk(said: list[Answer]) -> None:
    session = Saying(said)
    found = columns(session, started(QUERIES))
    assert set(found) == set(QUERIES)
    assert all(isinstance(column, dict | DriverError) for column in found.values())
    assert len(session.asked) < 200


@given(st.lists(answers, min_size=1, max_size=12))
def test_any_answers_end_a_get(said: list[Answer]) -> None:
    asked = ["1.3.1", "1.3.2.1", "1.3.4"]
    session = Saying(said)
    assert set(objects(session, asked)) == set(asked)
    assert len(session.asked) < 10


@given(st.lists(st.one_of(answers, st.builds(Silent, st.just("x")), st.builds(Garbled, st.just("x"))), min_size=1))
def test_errors_on_the_way_are_raised_or_survived(said: list[Any]) -> None:
    with suppress(DriverError):
        columns(Saying(said), started(QUERIES))


def row(*bindings: tuple[Oid, Any], status: int = 0, index: int = 0) -> Answer:
    return Answer(status, index, list(bindings))


def test_a_refused_column_does_not_take_its_neighbours_along() -> None:
    refused = row(status=5, index=2)
    said = [refused, refused, row(((1, 3, 1, 1), 7), ((1, 3, 3, 1), 9)), row(((1, 4), 0), ((1, 4), 0))]
    found = columns(Saying(said), started(QUERIES))
    assert (found[QUERIES[0]], found[QUERIES[2]]) == ({"1": 7}, {"1": 9})
    assert isinstance(found[QUERIES[1]], DeviceRefused)
    assert found[QUERIES[1]].what == "genErr"


def test_an_answer_that_is_too_big_is_asked_for_in_parts() -> None:
    session = Saying([row(status=1), row(((1, 3, 1, 1), 7), ((1, 3, 1, 2), 8)), row(((1, 3, 2), END))])
    assert columns(session, started(QUERIES[:1])) == {QUERIES[0]: {"1": 7, "2": 8}}
    assert [kind for kind, _ in session.asked] == [GET_BULK] * 3


def test_objects_in_another_order_are_matched_by_name() -> None:
    said = row(((1, 3, 2), 2), ((1, 3, 1), 1))
    found = objects(Saying([said]), ["1.3.1", "1.3.2", "1.3.3"])
    assert (found["1.3.1"], found["1.3.2"]) == (1, 2)
    assert isinstance(found["1.3.3"], Garbled)


@pytest.mark.parametrize(("index", "asked"), [(2, 2), (0, 5), (9, 5)])
def test_one_object_that_spoils_a_get_is_found(index: int, asked: int) -> None:
    class Picky(Saying):
        def exchange(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Answer:
            self.asked.append((kind, tuple(oids)))
            if (1, 3, 2) in oids:
                return row(status=2, index=index)
            return row(*((oid, 5) for oid in oids))

    session = Picky([])
    found = objects(session, ["1.3.1", "1.3.2", "1.3.3", "1.3.4"])
    assert [found[name] for name in ("1.3.1", "1.3.3", "1.3.4")] == [5, 5, 5]
    assert isinstance(found["1.3.2"], NoReading)
    assert len(session.asked) == asked
