"""hasPreviousPage and hasNextPage agree with the complete list, for every connection of the schema, also after the rows
of the cursors were deleted."""

import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from graphql import get_named_type

from db.core.database import owner_connection
from domain.ids import global_id, parse_global_id
from schema import schema
from tests.clients import Client, client_of
from tests.databases import column, execute
from tests.import_samples import ANALYZED_IMPORT
from tests.schema.selections import ARGUMENTS, VARIABLES, ListField, is_connection, lists_from_root
from tests.schema.test_statement_bound import FILL

# The administrator continues with a book; revisions of chapters are read as those of books.
WITHOUT_ROWS = {"viewer.continue.chapter.revisions"}
# Only below the list of imports: `tests/jobs/test_imports.py` reads its pages.
BELOW_LISTS = {"AmbiguousWordConnection"}
CONNECTIONS = {
    field.name: field
    for field in lists_from_root(schema._schema)
    if is_connection(field.path[-1][1]) and field.name not in WITHOUT_ROWS
}
# The table of each node type.
TABLES = {
    "AnalyzedText": "analyzed_texts",
    "Assignment": "assignments",
    "AuditEntry": "audit_log",
    "Book": "books",
    "BookPage": "book_pages",
    "BookProgress": "reading_progress",
    "Card": "cards",
    "DeletedCard": "cards",
    "Correction": "corrections",
    "DeletedObject": "books",
    "ExampleSentence": "example_sentences",
    "Group": "groups",
    "GroupInvitation": "group_invitations",
    "GroupMember": "group_members",
    "Import": "imports",
    "Job": "jobs",
    "Kanji": "kanji",
    "Notification": "notifications",
    "ManagedJob": "jobs",
    "ManagedUser": "users",
    "Report": "reports",
    "Review": "reviews",
    "Revision": "audit_log",
    "TextPart": "analyzed_text_parts",
    "Textbook": "textbooks",
    "User": "users",
    "Vocabulary": "vocabulary",
    "WebhookDelivery": "webhook_deliveries",
}
# The field that identifies a node among those of the list, and its column.
KEYS = {"BookPage": "number", "ExampleSentence": "japanese", "TextPart": "number"}
# Their ids are fields of other names, because they are not nodes.
ID_FIELDS = {"ManagedJob": "jobId", "DeletedCard": "cardId", "DeletedObject": "objectId", "Revision": "revisionId"}
# A card of the kanji of the walks, with reviews.
KANJI_CARD = """
    insert into cards (id, user_id, kanji_id, state, due_at, interval_days, ease_factor, repetitions, lapses)
        select gen_random_uuid(), users.id, kanji.id, 'REVIEW', now(), 30, 2.5, 1, 0
        from users, kanji where subject = 'admin' and character = '人';
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, day)
        select gen_random_uuid(), now() - interval '1 day' * n, user_id, id, 'kanji ' || n, 4, 0, 1, now()::date - n
        from cards, generate_series(1, 60) as n where kanji_id is not null;
"""
# A group with more members, invitations and assignments than a page.
GROUP = """
    insert into group_members (id, group_id, user_id, role)
        select gen_random_uuid(), '{id}', id, 'LEARNER' from users where subject like 'learner-%';
    update group_invitations set group_id = '{id}';
    update assignments set group_id = '{id}' where group_id in (select id from groups where name like 'TEACHER%');
"""
# Of a table, without generated ones.
COLUMNS = """
    select string_agg(quote_ident(attname), ', ') from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
"""
# Rows without which the administrator does not see the lists.
KEPT = {
    "users": "and subject <> 'admin'",
    "groups": "and name <> 'TEACHER1'",
    "group_members": "and user_id <> (select id from users where subject = 'admin')",
}
PAGES = 40
PAGE = "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"


Found = tuple[Client, str, dict[str, str]]


@pytest.fixture(scope="module")
async def found(shared_database_url: str, redis_url: str) -> AsyncIterator[Found]:
    """A client on a database in which every list has rows, its URL, and ids of parent objects."""
    url = shared_database_url
    await execute(url, FILL + KANJI_CARD)
    await execute(url, ANALYZED_IMPORT.format(number=PAGES, subject="admin"))
    async with client_of(url, redis_url, cache="off") as client:
        [book] = await column(url, "select book_id from book_vocabulary group by 1 order by count(*) desc limit 1")
        [textbook] = await column(url, "select id from textbooks limit 1")
        [text] = await column(url, "select id from analyzed_texts limit 1")
        # A look at one's own account is not logged, and so adds no entry to the list.
        [user] = await column(url, "select id from users where subject = 'admin'")
        [group] = await column(url, "select id from groups where name = 'TEACHER1'")
        await execute(url, GROUP.format(id=group))
        [webhook] = await column(url, "select id from webhooks order by id limit 1")
        variables = {
            "group": global_id("Group", group),
            "webhook": global_id("Webhook", webhook),
            "book": global_id("Book", book),
            "textbook": global_id("Textbook", textbook),
            "analyzedText": global_id("AnalyzedText", text),
            "user": global_id("User", user),
        }
        yield client, url, variables


@pytest.fixture(params=CONNECTIONS)
async def connection_field(request: pytest.FixtureRequest, found: Found) -> AsyncIterator[ListField]:
    """A connection, whose rows a test may delete."""
    field = CONNECTIONS[request.param]
    table = TABLES[field.type.name]
    async with owner_connection(found[1]) as owner:
        columns = await owner.fetchval(COLUMNS, table)
        await owner.execute(f"create table saved as select {columns} from {table}")
        # Reading the audit log adds entries to it.
        await owner.execute(f"create rule only_read as on insert to {table} do instead nothing")
        yield field
        await owner.execute(f"drop rule only_read on {table}")
        await owner.execute(
            f"set session_replication_role = replica; delete from {table};"
            f"insert into {table} ({columns}) overriding system value select * from saved; drop table saved"
        )


async def read_page(found: Found, field: ListField, arguments: dict[str, Any]) -> dict[str, Any]:
    client, _, variables = found
    selection = innermost = PAGE.replace("id", f"id: {(KEYS | ID_FIELDS).get(field.type.name, 'id')}")
    for coordinate, _ in reversed(field.path):
        given = ARGUMENTS.get(coordinate, "").strip("()")
        if selection is innermost:
            kept = [part for part in given.split(", ") if part and not part.startswith("first:")]
            given = ", ".join([*kept, *(f"{name}: {json.dumps(value)}" for name, value in arguments.items())])
        below = selection if selection is innermost else f"{{ {selection} }}"
        selection = f"{coordinate.partition('.')[2]}{f'({given})' if given else ''} {below}"
    declared = [f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in selection]
    query = f"query{'(' + ', '.join(declared) + ')' if declared else ''} {{ {selection} }}"
    used = {name: value for name, value in variables.items() if f"${name}" in query}
    page = (await client.run(query, used, user="admin")).data
    for coordinate, _ in field.path:
        page = page[coordinate.partition(".")[2]]
    assert isinstance(page, dict)
    return page


async def read_all(found: Found, field: ListField) -> dict[str, str]:
    """Cursors of the first 300 nodes by id, in order; deletes the other rows."""
    items: dict[str, str] = {}
    arguments: dict[str, Any] = {"first": 100}
    while True:
        page = await read_page(found, field, arguments)
        items |= {edge["node"]["id"]: edge["cursor"] for edge in page["edges"]}
        if not page["pageInfo"]["hasNextPage"]:
            return items
        if len(items) >= 300:
            await delete(found, field, "not {key} = any($1)", list(items))
        arguments["after"] = page["pageInfo"]["endCursor"]


async def delete(found: Found, field: ListField, condition: str, ids: list[str]) -> None:
    """In one statement, without triggers and dependent rows, which do not matter to lists."""
    _, url, _ = found
    table, key = TABLES[field.type.name], KEYS.get(field.type.name, "id")
    async with owner_connection(url) as owner:
        await owner.execute("set session_replication_role = replica")
        keep = KEPT.get(table, "")
        keys = ids if field.type.name in KEYS else [parse_global_id(id)[1] for id in ids]
        await owner.execute(f"delete from {table} where {condition.format(key=key)} {keep}", keys)


def expected(
    present: set[str], known: list[str], arguments: dict[str, Any], cursors: dict[str, str]
) -> tuple[list[str], bool, bool]:
    """The expected ids, hasPreviousPage and hasNextPage, from the order of the complete list."""
    place = {cursors[id]: index for index, id in enumerate(known)}
    after, before = place.get(arguments.get("after", ""), -1), place.get(arguments.get("before", ""), len(known))
    between = [id for id in known[after + 1 : before] if id in present]
    if "last" in arguments:
        page = between[-arguments["last"] :]
        follows = "before" in arguments and any(id in present for id in known[before:])
        return page, len(between) > len(page), follows
    page = between[: arguments.get("first", 20)]
    precedes = "after" in arguments and any(id in present for id in known[: after + 1])
    return page, precedes, len(between) > len(page)


async def test_flags_of_every_connection(connection_field: ListField, found: Found) -> None:
    field = connection_field
    random = Random(field.name)
    cursors = await read_all(found, field)
    known = list(cursors)
    assert known
    both = "last" in field.path[-1][1].args
    present = set(known)
    # The complete list; then without its ends and some others, without most, and without all.
    for remaining, share in ((known, 1.0), (known[2:-2], 0.8), (known[2 : len(known) // 2], 0.8), ([], 0.0)):
        kept = [id for id in remaining if id in present and random.random() < share]
        await delete(found, field, "{key} = any($1)", [id for id in known if id not in kept])
        present = set(await read_all(found, field))
        assert present >= set(kept)
        for _ in range(PAGES // 4):
            backward = both and random.random() < 0.5
            arguments: dict[str, Any] = {"last" if backward else "first": random.choice([1, 2, 5, 100])}
            ends = random.sample(["after", "before"], random.choice([0, 1, 1, 2])) if both else ["after"]
            for end in ends:
                # The flags change at the ends of the complete list.
                arguments[end] = cursors[random.choice([known[0], known[-1], random.choice(known), *kept[:1]])]
            page = await read_page(found, field, arguments)
            info = page["pageInfo"]
            page_and_flags = (
                [edge["node"]["id"] for edge in page["edges"]],
                info["hasPreviousPage"],
                info["hasNextPage"],
            )
            assert page_and_flags == expected(present, known, arguments, cursors), arguments


async def test_page_of_many_parents_equals_that_of_each(client: Client) -> None:
    below = "vocabulary(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage hasPreviousPage } }"
    [cursors] = [
        [edge["cursor"] for edge in book["vocabulary"]["edges"]]
        for book in (
            await client.run("{ books(first: 1) { nodes { vocabulary(first: 100) { edges { cursor } } } } }")
        ).data["books"]["nodes"]
    ]
    pages = []
    for after in (cursors[0], cursors[len(cursors) // 2], cursors[-1]):
        query = f"query ($after: String) {{ books(first: 30) {{ nodes {{ id {below} }} }} }}"
        for book in (await client.run(query, {"after": after})).data["books"]["nodes"]:
            one = f'query ($after: String) {{ book(id: "{book["id"]}") {{ id {below} }} }}'
            assert (await client.run(one, {"after": after})).data["book"] == book
            pages.append(tuple(book["vocabulary"]["pageInfo"].values()))
    assert {(True, True), (False, True)} <= set(pages)


def test_every_connection_is_tested() -> None:
    def connections() -> set[str]:
        types = schema._schema.type_map.values()
        fields = [field for type_ in types for field in getattr(type_, "fields", {}).values()]
        return {get_named_type(field.type).name for field in fields if hasattr(field, "args") and is_connection(field)}

    assert {
        get_named_type(field.path[-1][1].type).name for field in CONNECTIONS.values()
    } | BELOW_LISTS == connections()
