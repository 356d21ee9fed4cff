"""Values at the limits of every scalar, in every input of the schema, never cause an internal error."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLError
from sqlalchemy import BigInteger, Column, Double, Integer, SmallInteger, Text

from db.core.keyset import Ordering
from domain.ids import global_id
from schema import schema
from tests.clients import Answer, Client, client_of
from tests.databases import created
from tests.schema.places import Place, Samples, places
from tests.schema.samples import samples_of
from tests.schema.test_permissions import OF_STAFF

PLACES = list(places(schema._schema))
UUID = str(uuid4())

# Valid values, and the same timestamp in UTC or the same date.
TIMESTAMPS = {
    "2026-01-31t09:00:00z": "2026-01-31T09:00:00Z",
    "2026-01-31T09:00:00-00:00": "2026-01-31T09:00:00Z",
    "2026-01-31T09:00:00.1234567890123Z": "2026-01-31T09:00:00.123456Z",
    "2026-01-31T09:00:00.5+23:59": "2026-01-30T09:01:00.500000Z",
    "2016-12-31T23:59:60Z": "2016-12-31T23:59:59.999999Z",
    "1900-01-01T00:00:00Z": "1900-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z": "9999-12-31T23:59:59.999999Z",
}
NO_TIMESTAMPS = [
    *("", " ", "now", "infinity", "-infinity", "2026-01-31", "2026-01-31T09:00:00", "2026-01-31 09:00:00Z"),
    # Week dates, ordinal dates and basic formats of ISO 8601, which Python parses.
    *("2026-W01-1T00:00:00Z", "2026-W01T00:00:00Z", "20260131T090000Z", "2026-031T09:00:00Z", "2026-01-31T09Z"),
    *("2026-01-31T0900Z", "2026-01-31T09:00Z", "2026-01-31T09:00:00+09", "2026-01-31T09:00:00+0900"),
    *("2026-01-31T09:00:00,5Z", "2026-01-31T09:00:00.Z", "2026-01-31T9:00:00Z", "2026-01-31T09:00:00+09:00:00"),
    *("2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z", "2026-01-31T09:00:61Z", "2026-01-31T09:00:60Z"),
    *("2026-01-31T09:00:00+24:00", "2026-01-31T09:00:00-99:99", "2026-01-31T09:00:00+09:60"),
    *("2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z"),
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "+2026-01-31T09:00:00Z", "-2026-01-31T09:00:00Z"),
    *("２０２６-01-31T09:00:00Z", "2026-01-31T09:00:00Z\n", "2026-01-31T09:00:00Z\x00", "2026-01-31T09:00:00Ｚ"),
    *(1_769_850_000, 1.5, True, [], {}, "9" * 10_000),
]
DATES = ("1900-01-01", "2024-02-29", "9999-12-31")
NO_DATES = [
    *("", "today", "2026-W01-1", "20260131", "2026-031", "2026-1-31", "2026-02-29", "2026-13-01", "2026-00-10"),
    *("0000-01-01", "0001-01-01", "1899-12-31", "10000-01-01", "2026-01-31T00:00:00Z", "２０２６-01-31", "infinity"),
    *(20_260_131, 1.5, True, [], {}, "9" * 10_000),
]
SOME_STRINGS = ["", "\x00", "\\", "'", "%", "\u202e", "\ufffe", "あ" * 100_000]
STRINGS = [
    *SOME_STRINGS,
    *(" ", "\u200b", "\u3164", "_", '"', "&|!():*<>", "=1+1", "\x7f\x01", "a\r\nb", "e\u0301" * 50),
    *("👩\u200d👩\u200d👧", "books:level=N5", "2026-W01-1", "WzEsMl0"),
]
NUMBERS = [0, -0.0, -1, 2**15, 2**31 - 1, -(2**31), 2**31, 2**63, 10**18, 1e300, 5e-324, 0.5, "1", True, [], {}]
SOME_IDS = [
    *("", "x" * 100_000, "\x00"),
    *(base64.b64encode(text.encode()).decode() for text in ("Book:", f"Ghost:{UUID}")),
    *(global_id(type_name, uuid4()) for type_name in ("Book", "Card", "User", "Viewer", "Review", "AuditEntry")),
]
IDS = [
    *SOME_IDS,
    *("x", "=", 0, 2**31, -1, 10**18, True, "人"),
    *(base64.b64encode(text.encode()).decode() for text in (":", f":{UUID}", "Book:\x00", "a")),
]
EDGES: dict[str, list[Any]] = {
    "String": STRINGS,
    "Int": NUMBERS,
    "Float": NUMBERS,
    "ID": IDS,
    "Boolean": [0, "true", [], {}],
}


@dataclass(frozen=True)
class Platform:
    """A writable server and ids of existing rows."""

    client: Client
    samples: Samples

    async def put(self, place: Place, value: Any, user: str) -> Answer:
        return await self.client.run(place.query, place.variables(value, self.samples), user=user)


@pytest.fixture(scope="module")
async def platform(servers: tuple[str, str], template: str) -> AsyncIterator[Platform]:
    # Another module with this fixture may run at the same time.
    name = f"{template}_edges_{uuid4().hex}"
    async with created(servers[0], name, template) as url, client_of(url, servers[1]) as client:
        yield Platform(client, await samples_of(client))


def role_of(place: Place) -> str:
    staff_fields = ("admin {", "editorial {", "revisions(")
    is_staff = place.query.startswith(_OF_STAFF) or any(field in place.query for field in staff_fields)
    return "admin" if is_staff else "demo"


_OF_STAFF = tuple(f"mutation($value: {name[0].upper()}{name[1:]}Input!)" for name in OF_STAFF)


def named(place: Place) -> str:
    return f"{place.query.split('{')[1].split('(')[0].strip()} {place.coordinate}"


def first_of_each_kind(places: Sequence[Place], kind: Callable[[Place], Hashable]) -> set[Place]:
    """The places that get all values. Others of their kind get those which the code for the kind does not reject."""
    return set({kind(place): place for place in reversed(places)}.values())


def is_input_field(place: Place) -> bool:
    return "(" not in place.coordinate


def is_accepted(type_name: str, value: Any) -> bool:
    """Whether the scalar accepts a value, which therefore reaches the resolver."""
    scalar: Any = schema._schema.type_map[type_name]
    try:
        scalar.parse_value(value)
    except (GraphQLError, ValueError):
        return False
    return True


OF_SCALARS = [place for place in PLACES if place.named in EDGES]
WITH_ALL_EDGES = first_of_each_kind(OF_SCALARS, lambda place: (place.named, is_input_field(place), place.is_list))
ACCEPTED = {name: [value for value in values if is_accepted(name, value)] for name, values in EDGES.items()}
# Mutations have common validators, while queries have statements of their own for searches.
OF_MUTATIONS = ACCEPTED | {"String": SOME_STRINGS, "ID": SOME_IDS}


def edges_of(place: Place) -> list[Any]:
    if place in WITH_ALL_EDGES:
        return EDGES[place.named]
    return (OF_MUTATIONS if place.query.startswith("mutation") else ACCEPTED)[place.named]


@pytest.mark.parametrize("place", OF_SCALARS, ids=named)
async def test_edge_values_cause_no_internal_error(platform: Platform, place: Place) -> None:
    values = [*edges_of(place), None]
    if place.is_list:
        many = [value for value in values if len(str(value)) < 100] * 60
        values = [*([value] for value in values), [], many, [[]]]
    for value in values:
        answer = await platform.put(place, value, role_of(place))
        assert answer.status < 500, (value, answer.body)
        assert "INTERNAL_SERVER_ERROR" not in answer.error_codes, (value, answer.body)


OF_DATES = [place for place in PLACES if place.named in ("Date", "DateTime")]
WITH_ALL_DATES = first_of_each_kind(OF_DATES, lambda place: (place.named, is_input_field(place)))


@pytest.mark.parametrize("place", OF_DATES, ids=named)
async def test_dates_and_timestamps_are_parsed_as_rfc_3339(platform: Platform, place: Place) -> None:
    accepted: Sequence[str]
    refused: Sequence[object]
    accepted, refused = (DATES, NO_DATES) if place.named == "Date" else (tuple(TIMESTAMPS), NO_TIMESTAMPS)
    for value in (*accepted, None):
        # Other errors are possible, such as a period that is too long.
        answer = await platform.put(place, value, role_of(place))
        assert answer.status < 500, (value, answer.body)
        assert "INTERNAL_SERVER_ERROR" not in answer.error_codes, (value, answer.body)
        assert not any(f"{value!r} is " in message for message in answer.messages), answer.body
    for bad in refused if place in WITH_ALL_DATES else refused[1:2]:
        answer = await platform.put(place, bad, role_of(place))
        assert answer.error_codes == ["BAD_USER_INPUT"], (bad, answer.body)
        if isinstance(bad, str) and bad and "\x00" not in bad:
            assert repr(bad[:50])[1:-1] in answer.messages[0], (bad, answer.body)


def test_every_date_input_is_tested() -> None:
    assert {place.coordinate for place in OF_DATES} == {
        *("Viewer.reviews(from:)", "Viewer.reviews(to:)", "Admin.analytics(from:)", "Admin.analytics(to:)"),
        *("Viewer.statistics(from:)", "Viewer.statistics(to:)"),
        *("ReviewInput.reviewedAt", "UpdateReadingProgressInput.readAt", "ExerciseAttemptInput.answeredAt"),
        "UpdateChapterProgressInput.readAt",
        *("RequestExportInput.from", "RequestExportInput.to", "BlockUserInput.until"),
        *("CreateBookInput.publishAt", "UpdateBookInput.publishAt"),
        *("ManagedJobFilter.createdFrom", "ManagedJobFilter.createdTo"),
        *("UserFilter.signedUpFrom", "UserFilter.signedUpTo", "UserFilter.activeSince"),
        *("CardFilter.createdAfter", "CardFilter.updatedSince", "StudySessionFilter.cramSince"),
        *("BuryCardsInput.changedAt", "UnburyCardsInput.changedAt"),
        *("ResetCardsInput.changedAt", "RescheduleCardsInput.changedAt"),
        *("StartVacationInput.startsOn", "StartVacationInput.endsOn"),
        *("CreateGroupInvitationInput.expiresAt", "AssignToGroupInput.dueAt"),
        *("AssignmentFilter.dueFrom", "AssignmentFilter.dueTo"),
    }


# Replacements of a sort key of the same type.
KEYS: list[Any] = [
    *(
        "",
        "N6",
        "\x00",
        "あ" * 400,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+00:00",
    ),
    *(
        "9999-12-31T23:59:59.999999+00:00",
        "2026-W01-1T00:00:00Z",
        "2026-01-01",
        "infinity",
        UUID,
        "not a UUID",
        "{" + UUID,
    ),
    *(0, -1, 2**15, 2**31, 2**63 - 1, 2**63, 2**64, 10**400, 1.5, -0.0, 1e308),
]
# Values of each type, all of which are rejected where another type is expected.
OTHER_KEYS: list[Any] = ["", 0, 1.5, True, None, [], {}, [[]]]


def replacements(key: Any) -> list[Any]:
    same = str if isinstance(key, str) else (int, float)
    return [*(value for value in KEYS if isinstance(value, same)), *OTHER_KEYS]


def tampered(cursor: str) -> Iterator[str]:
    ordering, *keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for index in range(len(keys)):
        for key in replacements(keys[index]):
            yield encoded([ordering, *keys[:index], key, *keys[index + 1 :]])
    for other in ([], [ordering], [ordering, *keys, 1], [None, *keys], [[ordering], *keys], {"a": 1}, 1, None):
        yield encoded(other)
    yield base64.urlsafe_b64encode(b"[" * 1_400).decode()


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


CURSORS = [place for place in PLACES if place.coordinate.endswith(("(after:)", "(before:)"))]


@pytest.mark.parametrize("place", CURSORS, ids=named)
async def test_tampered_cursors_cause_no_internal_error(platform: Platform, place: Place) -> None:
    found = [cursor async for cursor in _cursors(platform, place)]
    assert found or place.coordinate in WITHOUT_ROWS
    for real in found:
        assert (await platform.put(place, real, role_of(place))).error_codes == []
        for cursor in tampered(real):
            answer = await platform.put(place, cursor, role_of(place))
            assert answer.error_codes in ([], ["BAD_USER_INPUT"]), (cursor, answer.body)


# Lists that are empty in the content.
WITHOUT_ROWS = {
    *("Viewer.jobs(after:)", "ManagedUser.jobs(after:)", "Viewer.notifications(after:)"),
    "Webhook.deliveries(after:)",
    *("Viewer.assignments(after:)", "Group.assignments(after:)", "Group.invitations(after:)"),
    *("Viewer.jobs(after:)", "ManagedUser.jobs(after:)", "Viewer.notifications(after:)", "Viewer.imports(after:)"),
    "Import.ambiguousWords(after:)",
    *("Viewer.analyzedTexts(after:)", "AnalyzedText.parts(after:)"),
    *("Viewer.reports(after:)", "Viewer.deletedCards(after:)"),
    # The sample is private.
    *("Textbook.revisions(after:)", "Chapter.revisions(after:)"),
}


async def _cursors(platform: Platform, place: Place) -> AsyncIterator[str]:
    data = (await platform.put(place, None, role_of(place))).data

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if value.get("endCursor"):
                yield value["endCursor"]
            for below in value.values():
                yield from walk(below)
        elif isinstance(value, list):
            for below in value:
                yield from walk(below)

    for cursor in dict.fromkeys(walk(data)):
        yield cursor


def test_every_column_that_sorts_a_list_has_a_key_type() -> None:
    """A sort column of a type without key type fails where the list is declared."""
    bits = {SmallInteger: 16, Integer: 32, BigInteger: 64, Text: 0, Double: 0}
    for type_, expected in bits.items():
        [key] = Ordering("any", (Column("column", type_),)).key_types()
        assert key.bits == expected
