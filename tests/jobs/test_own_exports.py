"""What was exported from an account changes nothing when it is imported into the same account."""

from pathlib import Path

import pytest

from tests.clients import Client
from tests.databases import execute
from tests.jobs.test_import_sources import PREPARE, exported, rows, run
from tests.jobs.test_imports import work
from tests.resolvers.mutations.test_schedule_changes import run as send
from tests.review_assertions import answer, card_ids, days_ago, review, undo
from tests.workers import export_work, running_worker

# What an import of the learner's own data does not change.
STORED = """
    select 'card', id::text, state, due_at::text, interval_days::text, suspended::text || flag, lapses::text
        from cards where user_id = (select id from users where subject = '{subject}')
    union all select 'review', id::text, idempotency_key, reviewed_at::text, quality::text, undone::text, card_id::text
        from reviews where user_id = (select id from users where subject = '{subject}')
    union all select 'change', id::text, idempotency_key, changed_at::text, kind, details::text, card_id::text
        from schedule_changes where user_id = (select id from users where subject = '{subject}')
    union all select 'tag', card_id::text, tag, null, null, null, null
        from card_tags where user_id = (select id from users where subject = '{subject}')
    union all select 'context', card_id::text, text, null, null, null, null
        from card_contexts where user_id = (select id from users where subject = '{subject}')
    union all select 'own word', id::text, word, reading, meaning, null, null
        from custom_vocabulary where user_id = (select id from users where subject = '{subject}')
    order by 1, 2, 3
"""


@pytest.mark.parametrize("source", ["ankiPackage", "shinjpExport"])
async def test_exports_change_nothing_in_their_own_account(
    importing: Client, writable_database_url: str, tmp_path: Path, source: str
) -> None:
    """With reviews of one request, which have the same time, one undone, one that moved nothing, and a reset."""
    url, storage = writable_database_url, importing.settings.upload_storage()
    await execute(url, PREPARE.format(cards=60) + "; update cards set suspended_as_leech = true where suspended")
    ids = await card_ids(url, "demo", 30, "state = 'REVIEW'")
    for qualities in ((5, 3, 0), (4, 2, 1)):
        answers = [answer(id, f"{id} {qualities}", quality) for id, quality in zip(ids, qualities * 10, strict=True)]
        payload = await review(importing, answers)
        assert payload["errors"] == []
    await undo(importing, [payload["results"][0]["review"]["id"]])
    crammed = answer(ids[1], "crammed", 1, reschedule=False, reviewedAt=days_ago(3))
    assert (await review(importing, [crammed, answer(ids[2], "late", 0, reviewedAt=days_ago(400))]))["errors"] == []
    assert (await send(importing, "demo", "resetCards", cardIds=ids[-3:], idempotencyKey="reset"))["errors"] == []
    assert (await review(importing, [answer(ids[-1], "after the reset", 4)]))["errors"] == []
    async with running_worker(url, {**work(storage), **export_work(tmp_path / "exports")}):
        content = await exported(importing, url, source)
        stored = await rows(url, STORED, "demo")
        counts = await run(importing, content, source, "demo")
    assert (counts["created"], counts["updated"], counts["rejected"]) == (0, 0, 0)
    assert (counts["createdCards"], counts["createdReviews"]) == (0, 0)
    assert counts["repeatedReviews"] > 100
    assert await rows(url, STORED, "demo") == stored
