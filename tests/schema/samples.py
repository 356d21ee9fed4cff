"""Valid values for the content, such as ids of existing rows."""

from typing import Any
from uuid import uuid4

from domain.ids import global_id
from tests.clients import Client
from tests.schema.places import Samples

OWN = """
    { viewer { cards(first: 2) { nodes { id } } reviews(first: 1) { nodes { id } }
        textbooks(first: 1) { nodes { id version chapters { id } } } }
      books(first: 100) { nodes { id exercises { id } vocabulary(first: 1) { totalCount } } }
      vocabulary(first: 2) { nodes { id } } kanjiList(first: 1) { nodes { id } } }
"""


KANJI_CARD = """
    mutation($kanji: [ID!]!) { createKanjiCards(input: {kanjiIds: $kanji}) { cards { id } } }
"""
REVIEW = """
    mutation($card: ID!) {
        reviewCards(input: {reviews: [{cardId: $card, quality: 4, idempotencyKey: "kanji"}]}) { errors { code } }
    }
"""


async def samples_of(client: Client) -> Samples:
    """Samples for the demo learner, editors and administrators. The learner gets a card of the kanji of the walks."""
    kanji = (await client.run('{ kanji(character: "人") { id card { id } } }', user="demo")).data["kanji"]
    card = kanji["card"]
    if card is None:
        [card] = (await client.run(KANJI_CARD, {"kanji": [kanji["id"]]}, user="demo")).data["createKanjiCards"]["cards"]
    await client.run(REVIEW, {"card": card["id"]}, user="demo")
    data: dict[str, Any] = (await client.run(OWN, user="demo")).data
    viewer = data["viewer"]
    book = next(book for book in data["books"]["nodes"] if book["vocabulary"]["totalCount"])
    [textbook] = viewer["textbooks"]["nodes"]
    # An account that no test signs in with: administrators change its role and block it.
    managed = (await client.run("{ viewer { user { id } } }", user="managed")).data["viewer"]["user"]["id"]
    return {
        "cardId": viewer["cards"]["nodes"][0]["id"],
        "cardIds": [viewer["cards"]["nodes"][0]["id"]],
        "reviewIds": [viewer["reviews"]["nodes"][0]["id"]],
        "vocabularyIds": [data["vocabulary"]["nodes"][0]["id"]],
        "kanjiIds": [data["kanjiList"]["nodes"][0]["id"]],
        "vocabularyId": data["vocabulary"]["nodes"][0]["id"],
        "chapterId": textbook["chapters"][0]["id"],
        "bookId": book["id"],
        "userId": managed,
        "user": managed,
        # With one prompt.
        "exerciseId": next(book for book in data["books"]["nodes"] if book["exercises"])["exercises"][0]["id"],
        "UpdateTextbookInput.id": textbook["id"],
        "UpdateBookInput.id": book["id"],
        "ID": global_id("Job", uuid4()),
        "book": book["id"],
        "textbook": textbook["id"],
        "analyzedText": global_id("AnalyzedText", uuid4()),
        "ids": [book["id"]],
    }
