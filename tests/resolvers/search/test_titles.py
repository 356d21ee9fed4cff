"""Books and textbooks are found by their titles, authors and topics in kanji, kana and romaji."""

import uuid
from types import ModuleType

import pytest

from content import books, search_terms, story_books, textbooks
from db.core.database import owner_connection
from tests.clients import Client
from tests.databases import execute

SEARCH = """
    query($query: String!) {
        books(first: 50, filter: {search: $query}) { nodes { title author } }
        textbooks(first: 50, filter: {search: $query}) { nodes { title } }
    }
"""
BY_AUTHOR = "query($name: String!) { books(first: 50, filter: {author: $name}) { nodes { title } } }"
GENERATE = """
    mutation($input: GenerateTextbookInput!) {
        generateTextbook(input: $input) { textbook { id } errors { code } }
    }
"""
CREATE = "mutation($input: CreateBookInput!) { createBook(input: $input) { book { id } errors { code } } }"
RENAME = """
    mutation($input: UpdateTextbookInput!) { updateTextbook(input: $input) { textbook { title } errors { code } } }
"""

BOOKS = {
    "吾輩は猫である": [
        "吾輩は猫",
        "わがはいはねこ",
        "wagahai wa neko de aru",
        "wagahaiwaneko",
        "neko",
    ],
    "注文の多い料理店": ["注文の多い", "ちゅうもんのおおい", "chūmon no ōi", "chuumon no ooi", "ryōriten"],
    "銀河鉄道の夜": ["銀河鉄道", "ぎんがてつどう", "ginga tetsudou", "Ginga Tetsudō no Yoru", "yoru"],
    "走れメロス": ["走れ", "はしれめろす", "hashire merosu", "hasire", "merosu"],
    "人間失格": ["人間失格", "にんげんしっかく", "ningen shikkaku", "ningen sikkaku", "shikkaku"],
    "羅生門": ["羅生門", "らしょうもん", "rashōmon", "rashoumon", "rashomon", "rasyômon"],
    "坊っちゃん": ["坊っちゃん", "ぼっちゃん", "bocchan", "botchan", "坊つちやん", "坊っちゃ\u200bん"],
    "学問のすすめ": ["学問のすゝめ", "學問のすゝめ"],
    "富嶽百景": ["富嶽百景", "富岳百景"],
    "桃太郎": ["桃太郎", "モモタロウ", "momotarō", "momotarou", "momotaro"],
    "蜘蛛の糸": ["蜘蛛の糸", "くものいと", "kumo no ito", "ito"],
    "雪女": ["雪女", "ゆきおんな", "yukionna", "yuki onna"],
}
AUTHORS = {
    "夏目漱石": ["夏目漱石", "なつめそうせき", "Natsume Sōseki", "Sōseki Natsume", "souseki", "natsume soseki"],
    "太宰治": ["太宰", "だざいおさむ", "dazai osamu", "Osamu Dazai"],
    "芥川龍之介": ["芥川", "あくたがわ", "Akutagawa Ryūnosuke", "ryuunosuke", "芥川竜之介"],
    "森鴎外": ["森鴎外", "森鷗外"],
    "宮沢賢治": ["宮沢賢治", "宮澤賢治"],
}


@pytest.mark.parametrize("title", BOOKS)
async def test_book_is_found_by_its_title(client: Client, title: str) -> None:
    for query in BOOKS[title]:
        found = (await client.run(SEARCH, {"query": query})).data["books"]["nodes"]
        assert title in [book["title"] for book in found], query


@pytest.mark.parametrize("author", AUTHORS)
async def test_books_are_found_by_their_author(client: Client, author: str) -> None:
    counts = []
    for name in AUTHORS[author]:
        searched = (await client.run(SEARCH, {"query": name})).data["books"]["nodes"]
        assert author in [book["author"] for book in searched], name
        counts.append(len((await client.run(BY_AUTHOR, {"name": name})).data["books"]["nodes"]))
    assert len(set(counts)) == 1 <= counts[0], counts


@pytest.mark.parametrize("query", ["zzz", "nekodearuka", "ぬこ", "soseki dazai"])
async def test_other_titles_are_not_found(client: Client, query: str) -> None:
    assert (await client.run(SEARCH, {"query": query})).data["books"]["nodes"] == []


async def test_search_of_titles_has_one_statement_for_each_list(client: Client) -> None:
    assert (await client.run(SEARCH, {"query": "koten bungaku"})).statements == 2


async def titles_of_textbooks(client: Client, query: str, user: str) -> list[str]:
    nodes = (await client.run(SEARCH, {"query": query}, user=user)).data["textbooks"]["nodes"]
    return [node["title"] for node in nodes]


async def test_textbook_of_a_learner_is_found_by_title_and_topics(shared: Client) -> None:
    user = uuid.uuid4().hex
    values = {"title": "東京への旅行", "jlptLevel": "N5", "topics": ["動物", "Clothes"], "numberOfChapters": 1}
    generated = (await shared.run(GENERATE, {"input": values}, user=user)).data["generateTextbook"]
    assert generated["errors"] == []
    for query in (
        "東京",
        "りょこう",
        "tōkyō",
        "toukyou",
        "tokyo e no ryokou",
        "ryokō",
        "doubutsu",
        "どうぶつ",
    ):
        assert await titles_of_textbooks(shared, query, user) == ["東京への旅行"], query
    renamed = {"id": generated["textbook"]["id"], "expectedVersion": 1, "title": "大阪の言葉"}
    assert (await shared.run(RENAME, {"input": renamed}, user=user)).data["updateTextbook"]["errors"] == []
    assert await titles_of_textbooks(shared, "ryokou", user) == []
    for query in ("ōsaka", "おおさか", "kotoba", "dōbutsu"):
        assert await titles_of_textbooks(shared, query, user) == ["大阪の言葉"], query


@pytest.mark.parametrize("module", [books, story_books, textbooks, search_terms])
def test_other_terms_change_the_fingerprint(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = module.PART.fingerprint()
    monkeypatch.setattr(module, "REVISION" if module is search_terms else "TERMS_REVISION", 0)
    assert module.PART.fingerprint() != before


async def test_terms_of_users_texts_are_renewed(shared: Client, shared_database_url: str) -> None:
    """Books and textbooks from before terms had readings get them, and keep those of a name that only they had."""
    user = uuid.uuid4().hex
    textbook = {"title": "京都の寺", "jlptLevel": "N5", "topics": ["動物"], "numberOfChapters": 1}
    assert (await shared.run(GENERATE, {"input": textbook}, user=user)).data["generateTextbook"]["errors"] == []
    book = {"title": "奈良の鹿", "author": "何某", "description": "x", "jlptLevel": "N5", "pageCount": 1}
    assert (await shared.run(CREATE, {"input": book}, user="editor")).data["createBook"]["errors"] == []
    await execute(
        shared_database_url,
        "update textbooks set search_terms = '''京都'':1A' where title = '京都の寺';"
        "update books set search_terms = '''奈良'':1A ''nanigashi'':1B' where title = '奈良の鹿'",
    )
    assert await titles_of_textbooks(shared, "kyoto", user) == []
    async with owner_connection(shared_database_url) as connection, connection.transaction():
        await search_terms.PART.load(connection)
    assert await titles_of_textbooks(shared, "kyoto", user) == ["京都の寺"]
    for query in ("nara no shika", "nanigashi", "なら"):
        nodes = (await shared.run(SEARCH, {"query": query}, user="editor")).data["books"]["nodes"]
        assert "奈良の鹿" in [node["title"] for node in nodes], query
