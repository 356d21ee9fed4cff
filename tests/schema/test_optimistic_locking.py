"""Every mutation that changes an existing object takes its version, and a conflict returns the current object."""

from typing import Any

import pytest
from graphql import get_named_type, is_object_type

from tests.clients import Client
from tests.schema.places import SAMPLES, _filled
from tests.schema.root_types import MUTATION
from tests.schema.samples import samples_of
from tests.schema.test_permissions import OF_STAFF

# Objects that people edit.
EDITABLE = {
    *("Book", "Textbook", "Chapter", "Vocabulary", "Kanji", "Correction", "Report", "Group", "ManagedUser", "Webhook"),
}

# Mutations without a version, by the reason.
CREATING = {
    *("createBook", "createTextbook", "generateTextbook", "createGroup", "createWebhook"),
    *("createCards", "createKanjiCards", "createCustomCards"),
    *("reportContent", "requestExport", "requestDataExport", "requestTextAnalysis", "startImport", "confirmImport"),
    # In a group, which they do not change.
    *("createGroupInvitation", "assignToGroup"),
}
# Devices change cards and progress offline, and the server merges what they send, in any order.
MERGED = {
    *("reviewCards", "undoReviews", "answerExercises", "updateReadingProgress", "updateChapterProgress"),
    *("setCardsSuspended", "flagCards", "tagCards", "untagCards", "deleteCards", "restoreCards"),
    *("resetCards", "buryCards", "unburyCards", "rescheduleCards", "undoScheduleChange"),
    *(
        "chooseImportWords",
        "extendTodayLimits",
        "undoLimitExtension",
        "startVacation",
        "endVacation",
        "optimizeScheduling",
        "markNotificationsRead",
    ),
}
# One person sets single values of their own: the fields that are given replace, and others stay.
OWN_SETTINGS = {"updateProfile", "updateStudySettings", "updateNotificationPreferences", "setGroupConsent"}
# Changes of state that have the same result whatever the state was, or are refused by it. Nothing else of these objects
# can be edited, so that no change of another person is lost.
TRANSITIONS = {
    *("cancelJob", "retryJob", "retryFailedJobs", "runSchedule", "refreshAnalytics", "purgeCache"),
    *("deleteAccount", "cancelAccountDeletion"),
    *("joinGroup", "leaveGroup", "removeGroupMember", "revokeGroupInvitation", "deleteAssignment"),
    "replayWebhookDelivery",
}
UNLOCKED = CREATING | MERGED | OWN_SETTINGS | TRANSITIONS

FIELDS = MUTATION.fields
LOCKED = sorted(FIELDS.keys() - UNLOCKED)


def editable_objects(name: str) -> list[str]:
    """The fields of the payload with editable objects."""
    payload: Any = get_named_type(FIELDS[name].type)
    return [
        field_name
        for field_name, field in payload.fields.items()
        if is_object_type(field.type) and get_named_type(field.type).name in EDITABLE
    ]


def test_every_mutation_has_its_class() -> None:
    classes = (CREATING, MERGED, OWN_SETTINGS, TRANSITIONS)
    assert sum(map(len, classes)) == len(UNLOCKED)
    assert FIELDS.keys() >= UNLOCKED
    for name in CREATING - {"createGroupInvitation", "assignToGroup", "confirmImport"}:
        assert "id" not in getattr(get_named_type(FIELDS[name].args["input"].type), "fields", {})


@pytest.mark.parametrize("name", LOCKED)
def test_mutation_of_object_takes_its_version(name: str) -> None:
    input_type: Any = get_named_type(FIELDS[name].args["input"].type)
    assert "expectedVersion" in input_type.fields
    assert "CONFLICT" in (FIELDS[name].description or "")
    assert editable_objects(name)


WEBHOOK = """mutation { createWebhook(input: {url: "https://hooks.example", eventKinds: [BOOK_FIRST_PUBLISHED]}) {
    webhook { id } } }"""


async def staff_samples(client: Client) -> dict[str, Any]:
    """A user and a webhook, which other walks would change."""
    user = (await client.run("{ viewer { user { id } } }", user="locked")).data["viewer"]["user"]["id"]
    webhook = (await client.run(WEBHOOK, user="admin")).data["createWebhook"]["webhook"]["id"]
    users: dict[str, Any] = {f"{name}Input.userId": user for name in ("SetUserRole", "BlockUser", "UnblockUser")}
    # They are checked before.
    users |= {"BlockUserInput.until": None, "SetUserRoleInput.expectedRole": None}
    return users | {f"{name}Input.id": webhook for name in ("SetWebhookEnabled", "DeleteWebhook")}


async def test_conflict_returns_the_current_object(shared: Client) -> None:
    """A version that no object reaches."""
    samples = {**SAMPLES, **await samples_of(shared), "expectedVersion": 1_000_000}
    samples |= await staff_samples(shared)
    # In other walks, that of no group.
    samples["DeleteGroupInput.id"] = samples["groupId"]
    for name in LOCKED:
        input_type = FIELDS[name].args["input"].type
        objects = " ".join(f"{field} {{ id }}" for field in editable_objects(name))
        answered = await shared.run(
            f"mutation($input: {input_type}) {{ {name}(input: $input) {{ {objects} errors {{ code path }} }} }}",
            {"input": _filled(f"Mutation.{name}(input:)", "input", input_type, samples)},
            # The textbook and the group of the samples belong to the demo learner.
            user="admin" if name in OF_STAFF else "demo",
        )
        payload = answered.data[name]
        assert payload["errors"] == [{"code": "CONFLICT", "path": ["expectedVersion"]}], (name, payload)
        assert any(payload[field] for field in editable_objects(name)), (name, payload)
