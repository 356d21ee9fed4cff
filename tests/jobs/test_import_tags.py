"""Tags of imported notes, up to the limits of a card and of a learner."""

from tests.clients import Client
from tests.databases import column, execute
from tests.jobs.test_imports import confirm, report, start, wait, work
from tests.workers import running_worker

USER = "tagger"
# 997 tags.
TAGS = """
    insert into card_tags (card_id, tag, user_id)
        select cards.id, 'tag' || n, cards.user_id from cards join users on users.id = cards.user_id
        cross join generate_series(1, 997) as n where subject = 'tagger'
        and cards.id = (select cards.id from cards where cards.user_id = users.id order by id limit 1)
"""
WORDS = """Word,Reading,Tags
食べる,たべる,tag1 tag2 new1 new2
友達,ともだち,new2 new3 new4 tag3
水,みず,new5
火,ひ,a1 tag4 tag5 tag6 tag7 tag8 tag9 tag10 tag11 tag12 tag13 tag14
"""


async def test_tags_that_fit_are_added_and_others_named(importing: Client, writable_database_url: str) -> None:
    url = writable_database_url
    create = "mutation { createCards(input: {jlptLevel: N5, limit: 1}) { errors { code } } }"
    assert (await importing.run(create, user=USER)).data["createCards"]["errors"] == []
    await execute(url, TAGS)
    async with running_worker(url, work(importing.settings.upload_storage())):
        results = []
        for content in (WORDS, WORDS):
            id = await start(importing, content.encode(), USER)
            await wait(importing, id, USER, "ANALYZED")
            await confirm(importing, id, USER)
            results.append(await report(importing, await wait(importing, id, USER, "DONE")))
    of_learner = "Tags that are not added, because a learner has at most 1,000: "
    of_card = "Tags that are not added, because a card has at most 10: "
    same = ["", f"{of_learner}new4.", f"{of_learner}new5."]
    messages = [[line["message"] for line in lines] for lines in results]
    assert messages == [[*same, f"{of_learner}a1. {of_card}tag14."], [*same, f"{of_card}a1, tag14."]]
    count = "select count(distinct tag) from card_tags join users on users.id = user_id where subject = 'tagger'"
    assert await column(url, count) == [1_000]
