"""Objects and columns out of any SNMP session: batches, side-by-side walks, and what agents do wrong on the way."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent
from drivers.snmp_messages import END, GET, GET_BULK, GET_NEXT, NO_SUCH_NAME, TOO_BIG, Answer, Oid

WALK = "walk "
OIDS_PER_GET = 20
COLUMNS_PER_WALK = 24
BINDINGS_PER_WALK = 150
MOST_ROWS = 20_000
"""A column with more rows is an agent gone astray."""

WALK_TIMEOUTS = 12
"""So many times the time-out of one exchange may a walk of columns side by side last."""

SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
COUNTERS_64 = frozenset(
    (
        *((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column) for column in range(6, 14)),
        *((1, 3, 6, 1, 2, 1, 10, 7, 11, 1, column) for column in range(1, 8)),
    )
)
"""Columns of IF-MIB and EtherLike-MIB that version 1 cannot say (RFC 3584 4.2.2.1); some agents fall silent at them."""

_STATUS = (  # RFC 3416 3
    *("noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength"),
    *("wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed"),
    *("undoFailed", "authorizationError", "notWritable", "inconsistentName"),
)

Column = dict[str, Any]


class Session(Protocol):
    """One agent, asked one thing at a time.

    `bulk` is False where it does not answer GETBULK, `answered` True once it has answered anything; `timeout_s` is for
    one exchange with all its tries.
    """

    bulk: bool
    answered: bool
    timeout_s: float

    @property
    def wide(self) -> bool:
        """Whether the agent can say 64 bits: not in version 1."""
        ...

    def exchange(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Answer:
        """Ask once and return the answer. Raises Silent, Unreachable, LoginRefused or Garbled."""
        ...

    def put(self, oid: Oid, value: int) -> Answer:
        """Set one INTEGER, once, and return the answer. Raises as `exchange` does."""
        ...

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        ...


@dataclass(slots=True)
class Walked:
    """One column while it is walked: `stuck` is the object with which the agent went back."""

    query: str
    root: Oid
    rows: Column = field(default_factory=dict)
    last: Oid = ()
    taken: int = 0
    done: bool = False
    stuck: Oid | None = None
    refusal: DriverError | None = None

    def __post_init__(self) -> None:
        self.last = self.root

    def take(self, oid: Oid, value: Any) -> None:
        """Take the next object, until one lies outside; note where the agent goes back or never ends."""
        if self.done or self.stuck:
            return
        if value is END or oid[: len(self.root)] != self.root:
            # A smaller object outside of the column would be just as wrong, but ends the walk all the same.
            self.done = True
        elif oid <= self.last:
            self.stuck = oid
        elif self.taken >= MOST_ROWS:
            self.fail(f"more than {MOST_ROWS} rows", oid)
        else:
            self.last, self.taken = oid, self.taken + 1
            if not isinstance(value, NoReading):  # an object without a value is no row
                self.rows[dotted(oid[len(self.root) :])] = value

    def fail(self, what: str, oid: Oid) -> None:
        """End this column with a Garbled."""
        self.refusal, self.done = Garbled(what, sent=self.query, received=dotted(oid)), True


def parsed(text: str) -> Oid:
    """Read an object's number."""
    return tuple(int(part) for part in text.split("."))


def dotted(oid: Sequence[int]) -> str:
    """Write an object's number."""
    return ".".join(map(str, oid))


def started(queries: Sequence[str]) -> list[Walked]:
    """Return the columns of `walk ...` queries before their first row."""
    return [Walked(query, parsed(query.removeprefix(WALK))) for query in queries]


def batches(queries: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Cut queries into batches."""
    for start in range(0, len(queries), size):
        yield queries[start : start + size]


def objects(session: Session, queries: Sequence[str]) -> dict[str, Any]:
    """GET single objects in one message; where one spoils the others, without it or in halves.

    What the agent lacks is a NoReading, what it refuses a DeviceRefused, what it did not answer a Garbled.
    """
    try:
        answer = session.exchange(GET, [parsed(query) for query in queries])
    except (Silent, Garbled) as error:
        _raise_where_dead(session)
        return {queries[0]: error} if len(queries) == 1 else _in_halves(session, queries)
    if answer.status == 0:
        return _paired(answer, queries)
    culprit = answer.index - 1
    if len(queries) == 1:
        return {queries[0]: _refusal(answer, queries[0])}
    if answer.status != TOO_BIG and 0 <= culprit < len(queries):
        rest = [query for place, query in enumerate(queries) if place != culprit]
        return {queries[culprit]: _refusal(answer, queries[culprit]), **objects(session, rest)}
    return _in_halves(session, queries)


def _in_halves(session: Session, queries: Sequence[str]) -> dict[str, Any]:
    half = len(queries) // 2
    return objects(session, queries[:half]) | objects(session, queries[half:])


def _raise_where_dead(session: Session) -> None:
    """Go on from an `except` only where the agent still answers: then it was what it was asked that it cannot say."""
    if not session.answered:
        raise  # noqa: PLE0704 - the error that is being handled
    session.exchange(GET, [SYS_UP_TIME])


def _paired(answer: Answer, queries: Sequence[str]) -> dict[str, Any]:
    """Match by name: an agent may answer in another order, or other objects than were asked for."""
    said = {dotted(oid): value for oid, value in answer.bindings}
    other = Garbled("other objects than asked", received=", ".join(said))
    found = {query: said.get(query, other) for query in queries}
    return {query: NoReading("the agent has no such object") if v is END else v for query, v in found.items()}


def _refusal(answer: Answer, query: str) -> DriverError:
    if answer.status == NO_SUCH_NAME:  # how version 1 says it
        return NoReading("the agent has no such object", received="noSuchName")
    return refused(answer, query)


def refused(answer: Answer, query: str) -> DeviceRefused:
    """Return what an error status says."""
    name = _STATUS[answer.status] if 0 < answer.status < len(_STATUS) else f"error status {answer.status}"
    return DeviceRefused(name if answer.status else "an empty reply", sent=query)


def columns(session: Session, walked: Sequence[Walked]) -> dict[str, Any]:
    """Walk columns side by side to their ends: in GETBULKs, and where those lead nowhere in GETNEXTs.

    A column that the agent refuses is a DeviceRefused; one in which it goes in circles or never ends, a Garbled.
    """
    until = time.monotonic() + WALK_TIMEOUTS * session.timeout_s
    for column in walked:
        column.done = not session.wide and column.root in COUNTERS_64
    answered = not session.bulk or _by_bulk(session, walked, until)
    _by_next(session, _left(walked), until)
    if not answered:
        session.bulk = False  # GETNEXT came through where GETBULK did not
    return {column.query: column.refusal or column.rows for column in walked}


def _left(walked: Sequence[Walked]) -> list[Walked]:
    return [column for column in walked if not column.done]


def _by_bulk(session: Session, walked: Sequence[Walked], until: float) -> bool:
    """Walk as far as GETBULK leads; tell whether it was answered."""
    most = BINDINGS_PER_WALK
    while going := [column for column in walked if not column.done and not column.stuck]:
        if _out_of_time(going, until):
            break
        wanted = max(1, most // len(going))
        try:
            answer = session.exchange(GET_BULK, [column.last for column in going], wanted)
        except (Silent, Garbled):  # some agents cut what is too big for them, or say nothing
            return False
        if answer.status == TOO_BIG and wanted > 1:
            most = wanted * len(going) // 2
        elif answer.status or not answer.bindings:
            break
        else:
            _deal(answer, going)
    return True


def _deal(answer: Answer, going: Sequence[Walked]) -> None:
    """Deal bindings out to their columns: they come row by row and may be cut anywhere."""
    for place, (oid, value) in enumerate(answer.bindings):
        going[place % len(going)].take(oid, value)


def _out_of_time(going: Sequence[Walked], until: float) -> bool:
    if time.monotonic() <= until:
        return False
    for column in going:
        column.fail("the walk does not end", column.last)
    return True


def _by_next(session: Session, walked: Sequence[Walked], until: float) -> None:
    """Walk row by row; a column that goes back once more here goes in circles."""
    for column in walked:
        column.stuck = None
    while (going := _left(walked)) and not _out_of_time(going, until):
        try:
            answer = session.exchange(GET_NEXT, [column.last for column in going])
        except (Silent, Garbled) as error:
            _raise_where_dead(session)
            _isolate(session, going, until, error)
            continue
        if answer.status or not answer.bindings:
            if not _spoiled(answer, going):
                _isolate(session, going, until, _refusal(answer, going[0].query))
            continue
        _deal(answer, going)
        for column in going:
            if column.stuck:
                column.fail("the agent goes in circles", column.stuck)


def _isolate(session: Session, going: Sequence[Walked], until: float, error: DriverError) -> None:
    """Walk columns in halves, until what the agent cannot say is alone and its column ends with the error."""
    if len(going) == 1:
        going[0].refusal, going[0].done = error, True
        return
    half = len(going) // 2
    _by_next(session, going[:half], until)
    _by_next(session, going[half:], until)


def _spoiled(answer: Answer, going: Sequence[Walked]) -> bool:
    """End the column that spoils the message; False where it is not clear which one that is."""
    culprit = 0 if len(going) == 1 else answer.index - 1
    if (answer.status == TOO_BIG and len(going) > 1) or not 0 <= culprit < len(going):
        return False
    column = going[culprit]
    column.done = True
    if answer.status != NO_SUCH_NAME:  # in version 1 that is the end of all objects
        column.refusal = _refusal(answer, column.query)
    return True
