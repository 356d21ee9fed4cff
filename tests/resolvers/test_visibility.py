"""Users cannot see rows of other users, nor deleted and unpublished rows."""

import pytest

from db.core.database import owner_connection
from tests.clients import Client, client_of
from tests.databases import execute

OWN = """
    { viewer {
        cards(first: 1) { nodes { id } }
        reviews(first: 1) { nodes { id } }
        readingProgress(first: 1) { nodes { id } }
        textbooks(first: 1) { nodes { id chapters { id } } }
    } }
"""


async def test_ids_of_another_user_are_not_found(client: Client) -> None:
    viewer = (await client.run(OWN, user="demo")).data["viewer"]
    ids = [connection["nodes"][0]["id"] for connection in viewer.values()]
    ids += [chapter["id"] for chapter in viewer["textbooks"]["nodes"][0]["chapters"]]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert (await client.run(query, {"ids": ids}, user="demo")).data["nodes"] == [{"id": id} for id in ids]
    for stranger in ("editor", "somebody new", None):
        assert (await client.run(query, {"ids": ids}, user=stranger)).data["nodes"] == [None] * len(ids)


async def test_administrators_lists_have_own_rows_only(client: Client) -> None:
    """Administrators may read all rows, but their own lists have only their rows."""
    data = (
        await client.run(
            "{ viewer { cards { totalCount } reviews { totalCount } dashboard { dueNow } } }", user="admin"
        )
    ).data
    assert data["viewer"] == {"cards": {"totalCount": 0}, "reviews": {"totalCount": 0}, "dashboard": {"dueNow": 0}}


async def test_admin_is_for_administrators(client: Client) -> None:
    query = "{ admin { users(first: 1) { totalCount } } }"
    for subject in ("demo", "editor", None):
        assert (await client.run(query, user=subject)).data == {"admin": None}
    assert (await client.run(query, user="admin")).data["admin"]["users"]["totalCount"] >= 3


async def test_deleted_and_unpublished_books(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        listed = (await client.run("{ books(first: 2) { nodes { id } totalCount } }")).data["books"]
        async with owner_connection(writable_database_url) as connection:
            first, second = await connection.fetch("select id from books order by created_at desc, id desc limit 2")
            await connection.execute("update books set deleted_at = now() where id = $1", first["id"])
            await connection.execute("update books set published_at = null where id = $1", second["id"])
        query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } books { totalCount } }"
        ids = [node["id"] for node in listed["nodes"]]
        for subject in ("demo", None):
            data = (await client.run(query, {"ids": ids}, user=subject)).data
            assert data == {"nodes": [None, None], "books": {"totalCount": listed["totalCount"] - 2}}
        data = (await client.run(query, {"ids": ids}, user="editor")).data
        assert data == {"nodes": [None, {"id": ids[1]}], "books": {"totalCount": listed["totalCount"] - 1}}


async def test_deleted_account_cannot_sign_in(writable_database_url: str, redis_url: str) -> None:
    await execute(writable_database_url, "update users set deleted_at = now() where subject = 'demo'")
    async with client_of(writable_database_url, redis_url) as client:
        answer = await client.run("{ viewer { email } }", user="demo")
        assert answer.error_codes == ["ACCOUNT_DELETED"]


async def test_first_request_creates_the_user_once(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        query = "{ viewer { user { id displayName } settings { scheduler timeZone } } }"
        first = (await client.run(query, user="a new subject")).data
        assert (await client.run(query, user="a new subject")).data == first
        assert first["viewer"]["settings"] == {"scheduler": "FSRS", "timeZone": "UTC"}


@pytest.mark.parametrize("subject", ["editor", "somebody new"])
async def test_name_is_visible_only_with_a_public_textbook(
    writable_database_url: str, redis_url: str, subject: str
) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        demo = (await client.run("{ viewer { user { id displayName } } }", user="demo")).data["viewer"]["user"]
        query = "query($id: ID!) { node(id: $id) { ... on User { id displayName } } }"
        assert (await client.run(query, {"id": demo["id"]}, user=subject)).data["node"] is None
        await execute(
            writable_database_url,
            "update textbooks set is_public = true where owner_id = (select id from users where subject = 'demo')",
        )
        assert (await client.run(query, {"id": demo["id"]}, user=subject)).data["node"] == demo
