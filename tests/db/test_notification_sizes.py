"""Notifications of many changed rows."""

import pytest

from db.core.database import owner_connection


@pytest.mark.parametrize("number", [99, 100, 101])
async def test_change_of_many_rows_with_many_values_fits_into_a_notification(
    writable_database_url: str, number: int
) -> None:
    """A hundred chapters of a hundred textbooks: a notification has room for the values of one column, not of both."""
    async with owner_connection(writable_database_url) as owner:
        received: list[str] = []
        await owner.add_listener("changes", lambda *arguments: received.append(arguments[-1]))
        textbooks = await owner.fetch(
            "insert into textbooks (id, owner_id, title, description, jlpt_level, topics, status, search_terms)"
            " select gen_random_uuid(), owner_id, title, description, jlpt_level, topics, status, search_terms"
            " from (select * from textbooks limit 1) as one, generate_series(1, $1) returning id",
            number,
        )
        ids = [row["id"] for row in textbooks]
        await owner.execute(
            "insert into chapters (id, textbook_id, position, title, summary, content)"
            " select gen_random_uuid(), id, 1, 'title', '', '' from unnest($1::uuid[]) as id",
            ids,
        )
        await owner.execute("delete from chapters where textbook_id = any($1)", ids)
        assert all(len(payload.encode()) < 8_000 for payload in received)
