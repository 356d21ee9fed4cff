"""Editors correct words, example sentences and kanji; corrections stay when the content is loaded again."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from content import loading
from db.core.database import owner_connection
from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute

CORRECTION = "correction { id state version source note fields { name release corrected } author { displayName } }"
WORD = f"""
    mutation($input: CorrectVocabularyInput!) {{ correctVocabulary(input: $input) {{
        vocabulary {{ word reading romaji meanings senses {{ glosses partsOfSpeech }} kanji {{ character }}
            corrections {{ id version }} }}
        {CORRECTION} errors {{ code path }}
    }} }}
"""
LEVEL = """
    mutation($input: CorrectVocabularyInput!) { correctVocabulary(input: $input) {
        vocabulary { jlptLevel } correction { fields { name } } errors { code path }
    } }
"""
SENTENCE = f"""
    mutation($input: CorrectSentenceInput!) {{ correctSentence(input: $input) {{
        vocabulary {{ examples {{ japanese english position }} }} {CORRECTION} errors {{ code path }}
    }} }}
"""
KANJI = f"""
    mutation($input: CorrectKanjiInput!) {{ correctKanji(input: $input) {{
        kanji {{ meanings onyomi corrections {{ version }} }} {CORRECTION} errors {{ code path }}
    }} }}
"""
REVERT = f"""
    mutation($input: RevertCorrectionInput!) {{ revertCorrection(input: $input) {{ {CORRECTION} errors {{ code }} }} }}
"""
READ = """
    query($query: String!) {
        searchVocabulary(query: $query, first: 5) { nodes { id word reading meanings corrections { state } } }
    }
"""
SENSES = [{"glosses": ["to devour with relish"], "partsOfSpeech": ["ICHIDAN_VERB", "TRANSITIVE_VERB"]}]
TABLES = {
    "vocabulary": "id",
    "vocabulary_forms": "vocabulary_id",
    "vocabulary_senses": "vocabulary_id",
    "vocabulary_kanji": "vocabulary_id",
    "search_keys": "vocabulary_id",
    "example_sentences": "vocabulary_id",
}


async def run(client: Client, mutation: str, user: str = "editor", **input_: Any) -> Any:
    [payload] = (await client.run(mutation, {"input": input_}, user=user)).data.values()
    return payload


async def found(client: Client, query: str, word: str = "食べる") -> Any:
    nodes = (await client.run(READ, {"query": query})).data["searchVocabulary"]["nodes"]
    return next((node for node in nodes if node["word"] == word), None)


async def rows_of(url: str, word_id: str) -> dict[str, Any]:
    """Everything that the dictionary has of a word, without its times."""
    async with owner_connection(url) as connection:
        return {
            table: await connection.fetchval(
                f"select jsonb_agg(value order by value::text) from (select to_jsonb(r) - 'updated_at' as value"
                f" from {table} r where {key}::text = $1) as found",
                word_id,
            )
            for table, key in TABLES.items()
        }


async def test_cards_of_the_same_request_have_the_corrected_word(writable: Client, writable_database_url: str) -> None:
    [word_id] = await column(writable_database_url, "select id from vocabulary where word = '食べる'")
    id = global_id("Vocabulary", word_id)
    create = "mutation($input: CreateCardsInput!) { createCards(input: $input) { cards { id } errors { code } } }"
    [card] = (await run(writable, create, vocabularyIds=[id]))["cards"]
    cards = "flagCards(input: {cardIds: $cards, flag: 1}) { cards { vocabulary { meanings } } }"
    mutation = f"""mutation($cards: [ID!]!, $input: CorrectVocabularyInput!) {{
        before: {cards} correctVocabulary(input: $input) {{ errors {{ code }} }} after: {cards} }}"""
    for version, code in (1, "CONFLICT"), (0, None):
        # The second run executes compiled code.
        input_ = {"id": id, "expectedVersion": version, "senses": SENSES, "source": "Daijirin"}
        data = (await writable.run(mutation, {"cards": [card["id"]], "input": input_}, user="editor")).data
        assert [error["code"] for error in data["correctVocabulary"]["errors"]] == ([code] if code else [])
    [before, after] = [data[name]["cards"][0]["vocabulary"]["meanings"] for name in ("before", "after")]
    assert after == SENSES[0]["glosses"] != before


async def test_corrected_word_is_shown_found_and_reverted(writable: Client, writable_database_url: str) -> None:
    [word_id] = await column(writable_database_url, "select id from vocabulary where word = '食べる'")
    id = global_id("Vocabulary", word_id)
    release = await rows_of(writable_database_url, str(word_id))
    meanings = (await found(writable, "食べる"))["meanings"]
    card = "{ viewer { cards(first: 100) { nodes { subject { ... on Vocabulary { word meanings } } } } } }"
    assert await found(writable, "devour with relish") is None

    corrected = await run(writable, WORD, id=id, expectedVersion=0, senses=SENSES, source="Daijirin", note="n")
    assert corrected["errors"] == []
    assert corrected["vocabulary"]["meanings"] == SENSES[0]["glosses"]
    assert corrected["vocabulary"]["senses"] == SENSES
    assert [one["character"] for one in corrected["vocabulary"]["kanji"]] == ["食"]
    correction = corrected["correction"]
    assert (correction["state"], correction["version"], correction["source"]) == ("ACTIVE", 1, "Daijirin")
    [field] = correction["fields"]
    assert field["name"] == "senses"
    assert json.loads(field["corrected"])[0]["glosses"] == SENSES[0]["glosses"]
    # Another process and a cached search follow immediately, and so do cards.
    assert (await found(writable, "devour with relish"))["corrections"] == [{"state": "ACTIVE"}]
    subjects = [node["subject"] for node in (await writable.run(card, user="demo")).data["viewer"]["cards"]["nodes"]]
    assert [s["meanings"] for s in subjects if s.get("word") == "食べる"] in ([], [SENSES[0]["glosses"]])

    # A conflict has the current object.
    conflict = await run(writable, WORD, id=id, expectedVersion=0, senses=SENSES, source="another")
    assert conflict["errors"] == [{"code": "CONFLICT", "path": ["expectedVersion"]}]
    assert conflict["vocabulary"]["corrections"] == [{"id": correction["id"], "version": 1}]

    forms = [{"text": "喰べる", "kind": "KANJI"}, {"text": "くらべる", "kind": "KANA"}]
    values: dict[str, Any] = {"forms": forms, "word": "喰べる", "reading": "くらべる"}
    again = await run(writable, WORD, id=id, expectedVersion=1, source="second", **values)
    assert (again["vocabulary"]["word"], again["vocabulary"]["romaji"]) == ("喰べる", "kuraberu")
    assert (await found(writable, "くらべる", "喰べる"))["reading"] == "くらべる"
    assert await found(writable, "taberu", "喰べる") is None

    reverted = await run(writable, REVERT, id=correction["id"], expectedVersion=2)
    assert (reverted["correction"]["state"], reverted["errors"]) == ("REVERTED", [])
    assert await rows_of(writable_database_url, str(word_id)) == release
    assert (await found(writable, "taberu"))["meanings"] == meanings
    assert (await run(writable, REVERT, id=correction["id"], expectedVersion=3))["errors"] == [{"code": "INVALID"}]
    audited = await column(
        writable_database_url, "select action from audit_log where entity = 'Correction' order by at, id"
    )
    assert audited == ["correct", "correct", "revert"]


async def test_active_corrections_precede_others(writable: Client, writable_database_url: str) -> None:
    """Their versions are needed for the next correction, however many others were reverted since."""
    [word_id] = await column(writable_database_url, "select id from vocabulary where word = '食べる'")
    id = global_id("Vocabulary", word_id)
    of_sentence: dict[str, Any] = {
        "vocabularyId": id,
        "position": 0,
        "expectedVersion": 0,
        "english": "e",
        "source": "s",
    }
    active = (await run(writable, SENTENCE, **of_sentence))["correction"]
    for _ in range(6):
        made = (await run(writable, WORD, id=id, expectedVersion=0, senses=SENSES, source="s"))["correction"]
        await run(writable, REVERT, id=made["id"], expectedVersion=1)
    query = f'{{ node(id: "{id}") {{ ... on Vocabulary {{ corrections {{ id state }} }} }} }}'
    corrections = (await writable.run(query)).data["node"]["corrections"]
    assert [one["state"] for one in corrections] == ["ACTIVE"] + ["REVERTED"] * 4
    assert corrections[0]["id"] == active["id"]


@pytest.mark.parametrize(
    ("condition", "level", "popularity"),
    [
        ("word = '飲む'", "N1", range(50, 60)),
        ("word = '飲む'", None, range(50)),
        ("jlpt_level is null and jmdict_id is not null", "N3", range(70, 80)),
    ],
    ids=["harder", "none", "listed"],
)
async def test_level_is_corrected_with_the_popularity(
    shared: Client, shared_database_url: str, condition: str, level: str | None, popularity: range
) -> None:
    url = shared_database_url
    [word_id] = await column(url, f"select id from vocabulary where {condition} order by id limit 1")
    release = await rows_of(url, str(word_id))
    id = global_id("Vocabulary", word_id)
    corrected = await run(shared, LEVEL, id=id, expectedVersion=0, jlptLevel=level, source="s")
    assert (corrected["errors"], corrected["vocabulary"]["jlptLevel"]) == ([], level)
    assert {field["name"] for field in corrected["correction"]["fields"]} == {"jlptLevel", "popularity"}
    [found] = await column(url, f"select popularity from vocabulary where id = '{word_id}'")
    assert found in popularity
    # Back to the level of the release.
    [before] = await column(
        url, f"select original ->> 'jlptLevel' from corrections where vocabulary_id = '{word_id}' and state = 'ACTIVE'"
    )
    again = await run(shared, LEVEL, id=id, expectedVersion=1, jlptLevel=before, source="s")
    assert (again["errors"], again["correction"]) == ([], None)
    assert await rows_of(url, str(word_id)) == release


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"word": "飲む"}, ["word"]),
        ({"reading": "食べる"}, ["reading"]),
        ({"forms": [{"text": "漢", "kind": "KANA"}]}, ["forms"]),
        ({"senses": [{"glosses": ["a"], "forms": ["飲む"]}]}, ["senses", "0", "forms"]),
        ({"senses": [{"glosses": [""]}]}, ["senses", "0", "glosses", "0"]),
    ],
)
async def test_values_that_do_not_fit_are_rejected(client: Client, values: dict[str, Any], path: list[str]) -> None:
    id = (await found(client, "食べる"))["id"]
    answered = await run(client, WORD, id=id, expectedVersion=0, source="s", **values)
    assert path in [error["path"] for error in answered["errors"]]
    assert answered["correction"] is None


async def test_application_writes_the_dictionary_as_editor_only(content_database_url: str) -> None:
    async with owner_connection(content_database_url) as connection:
        await connection.execute("set role shinjp_app")
        for call in (
            "write_word(gen_random_uuid(), '{}', '{}', '{}')",
            "write_sentence(gen_random_uuid(), 0, '', '', null, 0)",
            "write_kanji(gen_random_uuid(), '{}')",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"select set_config('app.role', 'learner', false); select {call}")


async def test_corrections_stay_after_another_release(writable: Client, writable_database_url: str) -> None:
    url = writable_database_url
    word = global_id("Vocabulary", (await column(url, "select id from vocabulary where word = '食べる'"))[0])
    other = global_id("Vocabulary", (await column(url, "select id from vocabulary where word = '飲む'"))[0])
    kanji = global_id("Kanji", (await column(url, "select id from kanji where character = '食'"))[0])
    await run(writable, WORD, id=word, expectedVersion=0, senses=SENSES, source="s")
    await run(writable, WORD, id=other, expectedVersion=0, senses=SENSES, source="s")
    sentence: dict[str, Any] = {"vocabularyId": word, "position": 0, "expectedVersion": 0, "source": "s"}
    examples = (await run(writable, SENTENCE, japanese="猫が魚を食べた。", english="The cat ate.", **sentence))[
        "vocabulary"
    ]["examples"]
    assert examples[0] == {"japanese": "猫が魚を食べた。", "english": "The cat ate.", "position": 0}
    contained = "query($id: ID!) { exampleSentences(vocabularyId: $id, first: 100) { nodes { japanese } } }"
    cat = global_id("Vocabulary", (await column(url, "select id from vocabulary where word = '猫'"))[0])
    nodes = (await writable.run(contained, {"id": cat})).data["exampleSentences"]["nodes"]
    assert {"japanese": "猫が魚を食べた。"} in nodes
    corrected = await run(writable, KANJI, id=kanji, expectedVersion=0, meanings=["feast"], source="s")
    assert (corrected["kanji"]["meanings"], corrected["errors"]) == (["feast"], [])
    search = '{ searchKanji(query: "feast", first: 1) { nodes { character } } }'
    assert (await writable.run(search)).data["searchKanji"]["nodes"] == [{"character": "食"}]

    # The new release has the corrected senses of one word, and another English sentence than the former one.
    await execute(
        url,
        "update corrections set corrected = original where kind = 'VOCABULARY' and source = 's'"
        " and vocabulary_id = (select id from vocabulary where word = '飲む');"
        "update corrections set original = jsonb_set(original, '{english}', '\"of an earlier release\"')"
        " where kind = 'SENTENCE';"
        "delete from content_versions where name in ('the level words', 'the kanji')",
    )
    await asyncio.to_thread(loading.load, url, lambda _: None, demo=True)
    states = "select state || version from corrections order by id"
    assert await column(url, states) == ["ACTIVE1", "OBSOLETE2", "ACTIVE2", "ACTIVE1"]
    assert (await found(writable, "devour with relish"))["meanings"] == SENSES[0]["glosses"]
    assert await found(writable, "devour with relish", "飲む") is None
    assert await column(url, "select meanings[1] from kanji where character = '食'") == ["feast"]
    assert await column(
        url, "select japanese from example_sentences join corrections using (vocabulary_id, position)"
    ) == ["猫が魚を食べた。"]
    assert "of an earlier release" not in str(await column(url, "select original from corrections"))
    listed = "{ editorial { corrections(filter: {state: OBSOLETE}) { nodes { vocabulary { word } } } } }"
    assert (await writable.run(listed, user="editor")).data == {
        "editorial": {"corrections": {"nodes": [{"vocabulary": {"word": "飲む"}}]}}
    }
    assert (await writable.run(listed, user="demo")).data == {"editorial": None}
