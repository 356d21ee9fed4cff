"""Valid values for the content, such as ids of existing rows."""

from typing import Any
from uuid import uuid4

from domain.ids import global_id
from tests.clients import Client
from tests.databases import execute
from tests.import_samples import ANALYZED_IMPORT
from tests.schema.places import Samples

OWN = """
    { viewer { cards(first: 2) { nodes { id } } reviews(first: 1) { nodes { id } }
        textbooks(first: 1) { nodes { id version chapters { id } } } }
      books(first: 100) { nodes { id hasText exercises { id } vocabulary(first: 1) { totalCount } } }
      vocabulary(first: 2) { nodes { id } } kanjiList(first: 1) { nodes { id } }
      textbooks(first: 1, filter: {mine: false}) { nodes { id } } }
"""


GROUP = 'mutation { createGroup(input: {name: "N5 evening class"}) { group { id members { nodes { id } } } } }'
KANJI_CARD = """
    mutation($kanji: [ID!]!) { createKanjiCards(input: {kanjiIds: $kanji}) { cards { id } } }
"""
REVIEW = """
    mutation($card: ID!) {
        reviewCards(input: {reviews: [{cardId: $card, quality: 4, idempotencyKey: "kanji"}]}) { errors { code } }
    }
"""
CORRECT = "mutation($input: CorrectKanjiInput!) { correctKanji(input: $input) { correction { id } } }"
REPORT = "mutation($input: ReportContentInput!) { reportContent(input: $input) { report { id } } }"


async def samples_of(client: Client) -> Samples:
    """Samples for the demo learner, editors and administrators. The learner gets a card of the kanji of the walks."""
    kanji = (await client.run('{ kanji(character: "人") { id card { id } } }', user="demo")).data["kanji"]
    card = kanji["card"]
    if card is None:
        [card] = (await client.run(KANJI_CARD, {"kanji": [kanji["id"]]}, user="demo")).data["createKanjiCards"]["cards"]
    await client.run(REVIEW, {"card": card["id"]}, user="demo")
    data: dict[str, Any] = (await client.run(OWN, user="demo")).data
    viewer = data["viewer"]
    book = next(book for book in data["books"]["nodes"] if book["vocabulary"]["totalCount"] and book["hasText"])
    untexted, deleted = [book for book in data["books"]["nodes"] if not book["hasText"]][:2]
    [textbook] = viewer["textbooks"]["nodes"]
    assert client.settings.database_url is not None
    await execute(client.settings.database_url, ANALYZED_IMPORT.format(number=1, subject="demo"))
    imported = (await client.run("{ viewer { imports(first: 1) { nodes { id } } } }", user="demo")).data["viewer"]
    # An account that no test signs in with: administrators change its role and block it.
    managed = (await client.run("{ viewer { user { id } } }", user="managed")).data["viewer"]["user"]["id"]
    corrected = {"input": {"id": kanji["id"], "expectedVersion": 0, "nanori": ["ひと"], "source": "a page"}}
    correction = (await client.run(CORRECT, corrected, user="editor")).data["correctKanji"]["correction"]["id"]
    revisions = await _revisions(client, book["id"], data["textbooks"]["nodes"][0]["id"])
    reported = {"input": {"objectId": book["id"], "page": 1, "reason": "SPELLING"}}
    report = (await client.run(REPORT, reported, user="managed")).data["reportContent"]["report"]["id"]
    group = (await client.run(GROUP, user="demo")).data["createGroup"]["group"]
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
        "MarkNotificationsReadInput.ids": [global_id("Notification", uuid4())],
        "upTo": global_id("Notification", uuid4()),
        "RunScheduleInput.name": "partitions",
        "CreateWebhookInput.url": "https://hooks.example.com/shinjp",
        "CreateWebhookInput.eventKinds": ["BOOK_FIRST_PUBLISHED"],
        "webhook": global_id("Webhook", uuid4()),
        "SetWebhookEnabledInput.id": global_id("Webhook", uuid4()),
        "DeleteWebhookInput.id": global_id("Webhook", uuid4()),
        "ReplayWebhookDeliveryInput.id": global_id("WebhookDelivery", uuid4()),
        "groupId": group["id"],
        "group": group["id"],
        "textbookId": textbook["id"],
        "UpdateGroupInput.id": group["id"],
        "DeleteGroupInput.id": global_id("Group", uuid4()),
        "LeaveGroupInput.groupId": global_id("Group", uuid4()),
        "RemoveGroupMemberInput.id": global_id("GroupMember", uuid4()),
        "RevokeGroupInvitationInput.id": global_id("GroupInvitation", uuid4()),
        "DeleteAssignmentInput.id": global_id("Assignment", uuid4()),
        "ChooseImportWordsInput.id": imported["imports"]["nodes"][0]["id"],
        "ConfirmImportInput.id": imported["imports"]["nodes"][0]["id"],
        "ImportNoteTypeInput.name": "Rows",
        "ImportNoteTypeInput.expression": "Word",
        "ImportNoteTypeInput.reading": None,
        "ImportNoteTypeInput.meaning": None,
        "ImportNoteTypeInput.sentence": None,
        "uploadId": str(uuid4()),
        "UpdateTextbookInput.id": textbook["id"],
        "UpdateBookInput.id": book["id"],
        "DeleteBookInput.id": deleted["id"],
        "RestoreBookInput.id": deleted["id"],
        "SetBookVocabularyInput.bookId": untexted["id"],
        "CreateChapterInput.textbookId": textbook["id"],
        "UpdateChapterInput.id": textbook["chapters"][0]["id"],
        "DeleteChapterInput.id": textbook["chapters"][0]["id"],
        "RestoreChapterInput.id": textbook["chapters"][0]["id"],
        "ReorderChaptersInput.textbookId": textbook["id"],
        "ReorderChaptersInput.chapterIds": [chapter["id"] for chapter in textbook["chapters"]],
        "CopyTextbookToLibraryInput.id": data["textbooks"]["nodes"][0]["id"],
        "RevertBookRevisionInput.revisionId": revisions[0],
        "RevertTextbookRevisionInput.revisionId": revisions[1],
        "DeleteTextbookInput.id": textbook["id"],
        "RestoreTextbookInput.id": textbook["id"],
        "CorrectVocabularyInput.id": data["vocabulary"]["nodes"][0]["id"],
        "CorrectKanjiInput.id": data["kanjiList"]["nodes"][0]["id"],
        "RevertCorrectionInput.id": correction,
        "ReportContentInput.objectId": book["id"],
        # A book has pages only.
        "ReportContentInput.position": None,
        "ReportFilter.objectId": book["id"],
        "AssignReportInput.id": report,
        "ResolveReportInput.id": report,
        "ID": global_id("Job", uuid4()),
        "book": book["id"],
        "textbook": textbook["id"],
        "analyzedText": global_id("AnalyzedText", uuid4()),
        "ids": [book["id"]],
    }


UPDATE = """
    mutation($input: Update{0}Input!) {{
        update{0}(input: $input) {{ {1} {{ revisions {{ nodes {{ revisionId }} }} }} }}
    }}
"""


async def _revisions(client: Client, *ids: str) -> list[str]:
    """Revisions of a book and of a textbook, made by an editor."""
    found = []
    for id, name in zip(ids, ("Book", "Textbook"), strict=True):
        version = (await client.run(VERSION.format(name), {"id": id}, user="editor")).data["node"]["version"]
        values = {"id": id, "expectedVersion": version, "description": "Changed for a revision."}
        query = UPDATE.format(name, name.lower())
        payload = (await client.run(query, {"input": values}, user="editor")).data[f"update{name}"]
        found.append(payload[name.lower()]["revisions"]["nodes"][0]["revisionId"])
    return found


VERSION = "query($id: ID!) {{ node(id: $id) {{ ... on {0} {{ version }} }} }}"
