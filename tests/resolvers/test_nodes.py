"""`node` finds every object by its id, for users who may see it."""

from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLInterfaceType, get_named_type

from domain.ids import global_id
from schema import schema
from tests.clients import Client, client_of
from tests.executions import EXECUTIONS, executed_by
from tests.review_assertions import answer, card_ids
from tests.schema.root_types import MUTATION

NODE = schema._schema.type_map["Node"]
assert isinstance(NODE, GraphQLInterfaceType)
NODES = {type_.name for type_ in schema._schema.get_possible_types(NODE)}
MUTATIONS = MUTATION.fields

OF_VIEWER = "viewer { id user { id } dashboard { id } settings { id } }"
NODE_BY_ID = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def ids_of_viewer(client: Client, user: str) -> dict[str, str]:
    viewer = (await client.run(f"{{ {OF_VIEWER} }}", user=user)).data["viewer"]
    below = {name.title(): viewer[name]["id"] for name in ("user", "dashboard")}
    return {"Viewer": viewer["id"], "StudySettings": viewer["settings"]["id"], **below}


@pytest.mark.parametrize("type_name", sorted(NODES))
async def test_ids_of_all_types_are_tested(client: Client, type_name: str) -> None:
    answered = await client.run(NODE_BY_ID, {"id": global_id(type_name, uuid4())}, user="admin")
    assert answered.data == {"node": None}


def test_every_object_with_an_id_is_a_node() -> None:
    with_id = {name for name, type_ in schema._schema.type_map.items() if "id" in getattr(type_, "fields", {})}
    assert {name for name in with_id if not name.endswith("Input")} == NODES | {"Node"}


async def test_viewer_and_its_objects_have_distinct_ids(client: Client) -> None:
    ids = await ids_of_viewer(client, "demo")
    assert len(set(ids.values())) == 4
    for type_name, id in ids.items():
        assert (await client.run(NODE_BY_ID, {"id": id}, user="demo")).data == {
            "node": {"__typename": type_name, "id": id}
        }
    others = await ids_of_viewer(client, "admin")
    assert set(ids.values()).isdisjoint(others.values())


@pytest.mark.parametrize("type_name", ["Viewer", "Dashboard", "StudySettings"])
@pytest.mark.parametrize("stranger", ["editor", "admin", None])
async def test_other_users_cannot_find_the_viewer(client: Client, type_name: str, stranger: str | None) -> None:
    id = (await ids_of_viewer(client, "demo"))[type_name]
    assert (await client.run(NODE_BY_ID, {"id": id}, user=stranger)).data == {"node": None}


async def test_node_equals_the_viewers_object(client: Client) -> None:
    ids = await ids_of_viewer(client, "demo")
    viewer = "email dashboard { streakDays } settings { timeZone } readingProgress { totalCount }"
    query = f"""query ($viewer: ID!, $dashboard: ID!, $settings: ID!) {{
        viewer {{ {viewer} }}
        same: node(id: $viewer) {{ ... on Viewer {{ {viewer} }} }}
        dashboard: node(id: $dashboard) {{ ... on Dashboard {{ streakDays }} }}
        settings: node(id: $settings) {{ ... on StudySettings {{ timeZone }} }}
    }}"""
    variables = {"viewer": ids["Viewer"], "dashboard": ids["Dashboard"], "settings": ids["StudySettings"]}
    found = (await client.run(query, variables, user="demo")).data
    assert found["same"] == found["viewer"]
    assert found["dashboard"] == found["viewer"]["dashboard"]
    assert found["settings"] == found["viewer"]["settings"]


async def test_ids_of_the_viewer_cost_no_statement(client: Client) -> None:
    ids = await ids_of_viewer(client, "demo")
    variables = {"ids": [ids["Viewer"], ids["Dashboard"]]}
    plain = await client.run("{ viewer { __typename } }", user="demo")
    assert (await client.run("{ viewer { id } }", user="demo")).statements == plain.statements
    found = await client.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables, user="demo")
    assert found.statements == plain.statements


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_malformed_id_is_null_with_an_error(content_database_url: str, redis_url: str, execution: str) -> None:
    with executed_by(execution):
        async with client_of(content_database_url, redis_url) as client:
            listed = (
                await client.run("{ books(first: 2) { nodes { id } } vocabulary(first: 1) { nodes { id } } }")
            ).data
            [first, second], [word] = listed["books"]["nodes"], listed["vocabulary"]["nodes"]
            ghost, gone = global_id("Ghost", uuid4()), global_id("Book", uuid4())
            ids = [first["id"], "nothing", word["id"], ghost, gone, second["id"]]
            for _ in range(3):
                answered = await client.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
                assert answered.body["data"] == {"nodes": [first, None, word, None, None, second]}
                assert answered.error_codes == ["BAD_USER_INPUT", "BAD_USER_INPUT"]
                assert [error["path"] for error in answered.body["errors"]] == [["nodes", 1], ["nodes", 3]]


def test_every_payload_of_a_change_has_the_viewer() -> None:
    without = {
        name for name, field in MUTATIONS.items() if "viewer" not in getattr(get_named_type(field.type), "fields", ())
    }
    assert without == {"purgeCache"}, "It changes nothing that is anybody's."


async def test_payload_has_the_viewer_after_the_change(writable_database_url: str, redis_url: str) -> None:
    viewer = """viewer {
        id settings { id newCardsPerDay } dashboard { id reviewsToday dueNow currentlyReading { currentPage } }
        readingProgress(first: 1) { nodes { currentPage } }
    }"""
    [card] = await card_ids(writable_database_url, "demo", 1, "not suspended and due_at <= now()")
    async with client_of(writable_database_url, redis_url) as client:
        ids = await ids_of_viewer(client, "demo")
        # Cached values, which payloads must not use.
        before = (await client.run(f"{{ {viewer} }}", user="demo")).data["viewer"]
        assert before["id"] == ids["Viewer"]

        async def changed(field: str, variables: dict[str, Any] | None = None, declared: str = "") -> Any:
            name = field.partition("(")[0]
            answered = await client.run(f"mutation {declared} {{ {field} {{ {viewer} }} }}", variables, user="demo")
            found = answered.data[name]["viewer"]
            # The payload equals a later query.
            assert (await client.run(f"{{ {viewer} }}", user="demo")).data["viewer"] == found
            return found

        reviews = {"input": {"reviews": [answer(card, "key", 5)]}}
        after = await changed("reviewCards(input: $input)", reviews, "($input: ReviewCardsInput!)")
        assert after["dashboard"]["reviewsToday"] == before["dashboard"]["reviewsToday"] + 1
        assert after["dashboard"]["dueNow"] == before["dashboard"]["dueNow"] - 1
        after = await changed("updateStudySettings(input: {newCardsPerDay: 77})")
        assert after["settings"] == {"id": ids["StudySettings"], "newCardsPerDay": 77}
        book = (
            await client.run("{ books(first: 1, filter: {status: NOT_STARTED}) { nodes { id } } }", user="demo")
        ).data
        started = f'{{bookId: "{book["books"]["nodes"][0]["id"]}", currentPage: 1}}'
        after = await changed(f"updateReadingProgress(input: {started})")
        assert after["readingProgress"] == {"nodes": [{"currentPage": 1}]}
        assert after["dashboard"]["currentlyReading"][0] == {"currentPage": 1}


async def test_rejected_change_has_no_viewer(client: Client) -> None:
    query = "mutation { updateStudySettings(input: {newCardsPerDay: -1}) { viewer { id } errors { code } } }"
    found = (await client.run(query, user="demo")).data["updateStudySettings"]
    assert found == {"viewer": None, "errors": [{"code": "OUT_OF_RANGE"}]}
