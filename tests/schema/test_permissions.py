"""Every mutation declares who may run it, and users cannot access data of others."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLNonNull, get_named_type, is_leaf_type

from db.core.database import owner_connection
from domain.enums import Role
from schema.permissions import Requires
from tests.clients import Client, client_of
from tests.databases import created, execute
from tests.import_samples import ANALYZED_IMPORT
from tests.schema.root_types import MUTATION, QUERY

QUERIES, MUTATIONS = QUERY.fields, MUTATION.fields

OF_EDITORS = {
    *("createBook", "updateBook", "deleteBook", "restoreBook"),
    *("importBookText", "updateBookPage", "insertBookPage", "moveBookPage", "deleteBookPage"),
    *("setBookVocabulary", "setBookCover"),
    *("correctVocabulary", "correctSentence", "correctKanji", "revertCorrection"),
    *("copyTextbookToLibrary", "assignReport", "resolveReport"),
    *("revertBookRevision", "revertTextbookRevision"),
}
OF_ADMINISTRATORS = {
    *("purgeCache", "setUserRole", "blockUser", "unblockUser"),
    *("createWebhook", "setWebhookEnabled", "deleteWebhook", "replayWebhookDelivery"),
    *("retryFailedJobs", "runSchedule", "refreshAnalytics"),
}
OF_STAFF = dict.fromkeys(OF_EDITORS, Role.EDITOR) | dict.fromkeys(OF_ADMINISTRATORS, Role.ADMIN)

# The objects of the demo learner, by type.
OWN = """
    { viewer { id user { id } dashboard { id } settings { id }
        cards(first: 1) { nodes { id } }
        reviews(first: 1) { nodes { id } }
        readingProgress(first: 1) { nodes { id } }
        textbooks(first: 1) { nodes { id chapters { id exercises { id } } } }
        jobs(first: 1) { nodes { id } }
        notifications(first: 1) { nodes { id } }
        groups(first: 1) { nodes { id members(first: 1) { nodes { id } } invitations(first: 1) { nodes { id } }
            assignments(first: 1) { nodes { id } } } }
        imports(first: 1) { nodes { id } }
    } }
"""

# An input with an id of the demo learner for each mutation that takes one, and the selection of the error that other
# users get.
INPUTS: dict[str, tuple[str, str]] = {
    "reviewCards": ('{reviews: [{cardId: "$Card", quality: 5, idempotencyKey: "k"}]}', "results { error { code } }"),
    "undoReviews": ('{reviewIds: ["$Review"]}', "errors { code path }"),
    "deleteCards": ('{cardIds: ["$Card"]}', "errors { code path }"),
    "restoreCards": ('{cardIds: ["$Card"]}', "errors { code path }"),
    "resetCards": ('{cardIds: ["$Card"], idempotencyKey: "k"}', "errors { code path }"),
    "buryCards": ('{cardIds: ["$Card"], idempotencyKey: "k"}', "errors { code path }"),
    "unburyCards": ('{cardIds: ["$Card"], idempotencyKey: "k"}', "errors { code path }"),
    "rescheduleCards": ('{cardIds: ["$Card"], days: 7, idempotencyKey: "k"}', "errors { code path }"),
    "flagCards": ('{cardIds: ["$Card"], flag: 1}', "errors { code path }"),
    "tagCards": ('{cardIds: ["$Card"], tags: ["a"]}', "errors { code path }"),
    "untagCards": ('{cardIds: ["$Card"], tags: ["a"]}', "errors { code path }"),
    "setCardsSuspended": ('{cardIds: ["$Card"], suspended: true}', "errors { code path }"),
    "answerExercises": (
        '{attempts: [{exerciseId: "$Exercise", answers: [{text: "a"}], idempotencyKey: "k"}]}',
        "results { error { code } }",
    ),
    "updateChapterProgress": ('{chapterId: "$Chapter", isRead: true}', "errors { code path }"),
    "createCards": ('{chapterId: "$Chapter"}', "errors { code path }"),
    "updateTextbook": ('{id: "$Textbook", expectedVersion: 1, title: "Mine"}', "errors { code path }"),
    "createChapter": (
        '{textbookId: "$Textbook", expectedVersion: 1, title: "a", summary: "b", content: "c"}',
        "errors { code path }",
    ),
    "updateChapter": ('{id: "$Chapter", expectedVersion: 1, title: "Mine"}', "errors { code path }"),
    "deleteChapter": ('{id: "$Chapter", expectedVersion: 1}', "errors { code path }"),
    "restoreChapter": ('{id: "$Chapter", expectedVersion: 1}', "errors { code path }"),
    "reorderChapters": (
        '{textbookId: "$Textbook", expectedVersion: 1, chapterIds: ["$Chapter"]}',
        "errors { code path }",
    ),
    "setChapterExercises": ('{chapterId: "$Chapter", expectedVersion: 1, exercises: []}', "errors { code path }"),
    "deleteTextbook": ('{id: "$Textbook"}', "errors { code path }"),
    "restoreTextbook": ('{id: "$Textbook"}', "errors { code path }"),
    "reportContent": ('{objectId: "$Chapter", reason: SPELLING}', "errors { code path }"),
    "cancelJob": ('{id: "$Job"}', "errors { code path }"),
    "updateGroup": ('{id: "$Group", expectedVersion: 1, name: "Mine"}', "errors { code path }"),
    "deleteGroup": ('{id: "$Group"}', "errors { code path }"),
    "createGroupInvitation": ('{groupId: "$Group"}', "errors { code path }"),
    "revokeGroupInvitation": ('{id: "$GroupInvitation"}', "errors { code path }"),
    "setGroupConsent": ('{groupId: "$Group", sharesProgress: true}', "errors { code path }"),
    "leaveGroup": ('{groupId: "$Group"}', "errors { code path }"),
    "removeGroupMember": ('{id: "$GroupMember"}', "errors { code path }"),
    "assignToGroup": ('{groupId: "$Group", textbookId: "$Textbook", dueAt: "$Tomorrow"}', "errors { code path }"),
    "deleteAssignment": ('{id: "$Assignment"}', "errors { code path }"),
    "markNotificationsRead": ('{ids: ["$Notification"]}', "errors { code path }"),
    "confirmImport": ('{id: "$Import", noteTypes: [{name: "Rows", expression: "Word"}]}', "errors { code path }"),
    "chooseImportWords": ('{id: "$Import", choices: [{form: "今日"}]}', "errors { code path }"),
    "retryJob": ('{id: "$Job"}', "errors { code path }"),
}
WITHOUT_ANOTHERS_IDS = {
    # Keys are the learner's own: see its tests.
    "undoScheduleChange",
    "createTextbook",
    *("updateStudySettings", "updateReadingProgress", "generateTextbook", "requestExport", "optimizeScheduling"),
    *("requestTextAnalysis", "extendTodayLimits", "undoLimitExtension", "updateProfile", "createKanjiCards"),
    *("createGroup", "joinGroup"),
    "createCustomCards",
    *("startVacation", "endVacation", "updateNotificationPreferences"),
    *("requestDataExport", "deleteAccount", "cancelAccountDeletion"),
    # Ids of uploads: see its tests.
    "startImport",
    *OF_STAFF,
}

OWNED = (
    *(
        "users",
        "user_settings",
        "reading_progress",
        "cards",
        "card_contexts",
        "card_tags",
        "reviews",
        "review_keys",
        "review_days",
    ),
    "reports",
    *("jobs", "textbooks", "chapters", "chapter_vocabulary", "audit_log", "books", "book_pages", "book_vocabulary"),
    *("analyzed_texts", "analyzed_text_parts", "limit_extensions"),
    *("book_texts", "schedule_changes", "scheduling_fits"),
    *("exercises", "exercise_solutions", "exercise_attempts", "chapter_progress"),
    *("notifications", "notification_preferences"),
    *("groups", "group_members", "group_invitations", "assignments"),
    *("uploads", "imports", "import_keys", "import_words", "import_reports", "custom_vocabulary"),
)


def required_role(name: str) -> Role | None:
    """The role that a mutation declares."""
    directives = MUTATIONS[name].extensions["strawberry-definition"].directives
    return next((directive.role for directive in directives if isinstance(directive, Requires)), None)


def test_every_mutation_declares_its_role() -> None:
    declared = {name: required_role(name) for name in MUTATIONS}
    assert declared == {name: OF_STAFF.get(name, Role.LEARNER) for name in MUTATIONS}


@pytest.mark.parametrize("name", MUTATIONS)
async def test_mutation_without_permission_is_rejected(client: Client, name: str) -> None:
    """Before the input is validated."""
    input = MUTATIONS[name].args.get("input")
    query, variables = f"mutation {{ {name} {{ __typename }} }}", {}
    if input is not None:
        query = f"mutation($input: {input.type}) {{ {name}(input: $input) {{ __typename }} }}"
        variables = {"input": _any_value(input.type)}
    assert (await client.run(query, variables)).error_codes == ["UNAUTHENTICATED"]
    if name in OF_STAFF:
        answered = await client.run(query, variables, user="editor" if name in OF_ADMINISTRATORS else "demo")
        assert answered.error_codes == ["FORBIDDEN"]
        assert OF_STAFF[name].value in answered.messages[0]


def test_every_mutation_is_tested_with_ids_of_others() -> None:
    assert set(INPUTS) | WITHOUT_ANOTHERS_IDS == set(MUTATIONS)


OtherUsersData = tuple[Client, dict[str, str], str]


@pytest.fixture(scope="module")
async def other_users_data(servers: tuple[str, str], template: str) -> AsyncIterator[OtherUsersData]:
    """A client, the ids of the demo learner's objects, and the URL of the database."""
    async with created(servers[0], f"{template}_permissions", template) as url:
        await execute(
            url,
            "insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts,"
            " max_attempts, input, scheduled_for) select gen_random_uuid(), id, 'EXPORT', 'FAILED', 0, 0, 1, 1, 3,"
            " '{}', now() from users where subject = 'demo';"
            "insert into notifications (id, user_id, kind, cause, in_app)"
            " select gen_random_uuid(), id, 'WELCOME', 'sign-up', true from users where subject = 'demo';"
            "insert into groups (id, name, description) values (gen_random_uuid(), 'Group', '');"
            "insert into group_members (id, group_id, user_id, role)"
            " select gen_random_uuid(), groups.id, users.id, 'TEACHER' from groups, users where subject = 'demo';"
            "insert into group_invitations (id, group_id, role, code_hash, max_uses, expires_at)"
            " select gen_random_uuid(), id, 'LEARNER', 'x', 1, now() from groups;"
            "insert into assignments (id, group_id, book_id, note, due_at)"
            " select gen_random_uuid(), groups.id, books.id, '', now() from groups, books limit 1;"
            + ANALYZED_IMPORT.format(number=1, subject="demo"),
        )
        async with client_of(url, servers[1]) as client:
            viewer = (await client.run(OWN, user="demo")).data["viewer"]
            textbook = viewer["textbooks"]["nodes"][0]
            ids = {
                "User": viewer["user"]["id"],
                "Viewer": viewer["id"],
                "Dashboard": viewer["dashboard"]["id"],
                "StudySettings": viewer["settings"]["id"],
                "Card": viewer["cards"]["nodes"][0]["id"],
                "Review": viewer["reviews"]["nodes"][0]["id"],
                "BookProgress": viewer["readingProgress"]["nodes"][0]["id"],
                "Textbook": textbook["id"],
                "Chapter": textbook["chapters"][0]["id"],
                "Exercise": textbook["chapters"][0]["exercises"][0]["id"],
                "Job": viewer["jobs"]["nodes"][0]["id"],
                "Import": viewer["imports"]["nodes"][0]["id"],
                "Notification": viewer["notifications"]["nodes"][0]["id"],
                "Group": viewer["groups"]["nodes"][0]["id"],
                "GroupMember": viewer["groups"]["nodes"][0]["members"]["nodes"][0]["id"],
                "GroupInvitation": viewer["groups"]["nodes"][0]["invitations"]["nodes"][0]["id"],
                "Assignment": viewer["groups"]["nodes"][0]["assignments"]["nodes"][0]["id"],
            }
            yield client, ids, url


# Required ones next to an id.
OTHER_ARGUMENTS = {"checkAnswer": ', answer: "to eat"'}


@pytest.mark.parametrize("stranger", ["editor", "somebody new", None])
async def test_queries_read_no_data_of_other_users(other_users_data: OtherUsersData, stranger: str | None) -> None:
    client, ids, _ = other_users_data
    for name, field in QUERIES.items():
        for argument, definition in field.args.items():
            if get_named_type(definition.type).name != "ID":
                continue
            for id in ids.values():
                value, expected = (f'["{id}"]', [None]) if "[" in str(definition.type) else (f'"{id}"', None)
                others = OTHER_ARGUMENTS.get(name, "")
                answered = await client.run(
                    f"{{ {name}({argument}: {value}{others}) {{ __typename }} }}", user=stranger
                )
                # An id of another type is rejected, whoever owns it.
                assert answered.body.get("data") == {name: expected} or answered.error_codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("name", INPUTS)
async def test_mutations_change_no_data_of_other_users(other_users_data: OtherUsersData, name: str) -> None:
    client, ids, url = other_users_data
    input_, selection = INPUTS[name]
    # The longest name first, because one may be the start of another.
    for type_name, id in sorted(ids.items(), key=lambda item: -len(item[0])):
        input_ = input_.replace(f"${type_name}", id)
    input_ = input_.replace("$Tomorrow", (datetime.now(UTC) + timedelta(days=1)).isoformat())
    # Administrators may change jobs of users: tests/resolvers/test_managed_jobs.py.
    others = ("somebody new", "editor") if name in {"cancelJob", "retryJob"} else ("somebody new", "editor", "admin")
    for stranger in others:
        # The first request creates the account.
        await client.run("{ viewer { email } }", user=stranger)
        before = await _everything(url)
        answered = await client.run(f"mutation {{ {name}(input: {input_}) {{ {selection} }} }}", user=stranger)
        assert "NOT_FOUND" in str(answered.data)
        assert await _everything(url) == before


async def _everything(url: str) -> dict[str, Any]:
    async with owner_connection(url) as connection:
        return {
            table: await connection.fetchval(f"select md5(string_agg(r::text, '' order by r::text)) from {table} as r")
            for table in OWNED
        }


def _any_value(type_: Any) -> Any:
    """Any valid value of the type."""
    if not str(type_).endswith("!"):
        return None
    named = get_named_type(type_)
    if str(type_).startswith("["):
        return []
    if hasattr(named, "fields") and getattr(named, "is_one_of", False):
        name, field = next(iter(named.fields.items()))
        return {name: _any_value(GraphQLNonNull(field.type))}
    if hasattr(named, "fields"):
        return {name: _any_value(field.type) for name, field in named.fields.items() if str(field.type).endswith("!")}
    assert is_leaf_type(named)
    if hasattr(named, "values"):
        return next(iter(named.values))
    return {
        "ID": "id",
        "String": "text",
        "Date": "2026-01-31",
        "DateTime": "2026-01-31T00:00:00Z",
        "Int": 1,
        "Boolean": True,
    }[named.name]
