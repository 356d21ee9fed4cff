"""Progress is deleted from copies while its book or chapter is hidden."""

from tests.clients import Client
from tests.learner_progress import check_progress, check_visibility_of_book, check_visibility_of_chapter
from tests.review_assertions import days_ago


async def test_progress_is_seen(writable: Client, writable_database_url: str) -> None:
    await check_progress(writable, writable_database_url, days_ago(-7))


async def test_progress_follows_the_visibility_of_its_book(writable: Client, writable_database_url: str) -> None:
    await check_visibility_of_book(writable, writable_database_url)


async def test_progress_follows_the_visibility_of_its_chapter(writable: Client, writable_database_url: str) -> None:
    await check_visibility_of_chapter(writable, writable_database_url)
