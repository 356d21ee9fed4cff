"""The tables of a distributed deployment, without Citus."""

from typing import Any

import asyncpg

from db.distribution.statements import variant_statements
from tests.clients import Client

# Fields that join cards with content. `$book`, `$word`: whose words and sentences.
JOINED_WITH_CONTENT = {
    "coverage": """
        query($book: ID!) {
            books(first: 100) { nodes { title coverage { tokens { known learning } words { known learning } } } }
            book(id: $book) { coverage { tokens { knownShare } } }
        }
    """,
    "words to learn": """
        query($book: ID!) {
            book(id: $book) { wordsToLearn(first: 50, target: 1) { vocabulary { id } occurrences coverage } }
        }
    """,
    "books by coverage": """
        query($after: String, $min: Float) {
            books(first: 7, after: $after, orderBy: COVERAGE, filter: {minCoverage: $min}) {
                nodes { title coverage { tokens { knownShare } } } totalCount pageInfo { endCursor hasPreviousPage }
            }
        }
    """,
    "sentences of known words": """
        query($word: ID!, $known: Boolean) {
            exampleSentences(vocabularyId: $word, known: $known, first: 20) { nodes { japanese } totalCount }
        }
    """,
}
# The book of which the learner knows least.
LEAST_KNOWN = "{ books(last: 1, orderBy: COVERAGE, filter: {minCoverage: 0}) { nodes { id } } }"
STATISTICS = "streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d"
OWN_TOTALS = f"""
    {{ viewer {{ user {{ id }} cards {{ totalCount }} textbooks {{ totalCount }} dashboard {{ {STATISTICS} }} }} }}
"""
TOTALS_OF_USER = f"""
    query($id: ID!) {{ admin {{ user(id: $id) {{
        cardCount reviewCount textbookCount statistics {{ {STATISTICS} }} auditTrail {{ nodes {{ action }} }}
    }} }} }}
"""
MEMBERS = f"""
    query ($id: ID!) {{ node(id: $id) {{ ... on Group {{
        members(first: 10) {{ nodes {{ userId statistics {{ {STATISTICS} }} }} }}
        assignments {{ nodes {{ memberProgress {{ percent }} }} }}
    }} }} }}
"""
_CREATE_GROUP = 'mutation { createGroup(input: {name: "Class"}) { group { id } } }'
_INVITE = "mutation($id: ID!) { createGroupInvitation(input: {groupId: $id}) { code } }"
_JOIN = "mutation($code: String!) { joinGroup(input: {code: $code, sharesProgress: true}) { group { id } } }"


async def run_all(client: Client, word: str, user: str | None) -> dict[str, Any]:
    """The results of `JOINED_WITH_CONTENT`, with further pages and with other values of filters.

    An anonymous client gets the errors of fields that need a learner.
    """
    results: dict[str, Any] = {}
    least_known = (await client.run(LEAST_KNOWN, user=user or "demo")).data["books"]["nodes"]
    variables = {"book": least_known[0]["id"], "word": word}
    for name, document in JOINED_WITH_CONTENT.items():
        results[name] = await _result(client, document, variables, user)
    by_coverage, sentences = JOINED_WITH_CONTENT["books by coverage"], JOINED_WITH_CONTENT["sentences of known words"]
    first = results["books by coverage"]
    after = None if user is None else first["books"]["pageInfo"]["endCursor"]
    for other in ({"after": after}, {"after": after, "min": 0.0}, {"min": 0.05}):
        results[f"books by coverage {other}"] = await _result(client, by_coverage, other, user)
    results["known sentences"] = await _result(client, sentences, {**variables, "known": True}, user)
    return results


async def _result(client: Client, document: str, variables: dict[str, Any], user: str | None) -> Any:
    answer = await client.run(document, variables, user=user)
    if user is None and answer.error_codes:
        assert set(answer.error_codes) == {"UNAUTHENTICATED"}
        return answer.error_codes
    return answer.data


async def teach(client: Client, teacher: str, learners: list[str]) -> str:
    """The id of a new group with learners who share their progress."""
    group: str = (await client.run(_CREATE_GROUP, user=teacher)).data["createGroup"]["group"]["id"]
    code = (await client.run(_INVITE, {"id": group}, user=teacher)).data["createGroupInvitation"]["code"]
    for learner in learners:
        await client.run(_JOIN, {"code": code}, user=learner)
    return group


async def check_totals(client: Client, teacher: str, learners: list[str]) -> None:
    """Administrators and teachers see the totals that each of the learners sees."""
    group = await teach(client, teacher, learners)
    own = [(await client.run(OWN_TOTALS, user=learner)).data["viewer"] for learner in learners]
    members = (await client.run(MEMBERS, {"id": group}, user=teacher)).data["node"]["members"]["nodes"]
    seen = {member["userId"]: member["statistics"] for member in members}
    for viewer in own:
        assert seen[viewer["user"]["id"]] == viewer["dashboard"]
        user = (await client.run(TOTALS_OF_USER, {"id": viewer["user"]["id"]}, user="admin")).data["admin"]["user"]
        assert user["statistics"] == viewer["dashboard"]
        assert user["cardCount"] == viewer["cards"]["totalCount"]
        assert user["textbookCount"] == viewer["textbooks"]["totalCount"]


async def make_variant(connection: asyncpg.Connection) -> None:
    """Change the tables of a database in one transaction. Servers then work as on a distributed database."""
    async with connection.transaction():
        statements = await variant_statements(connection)
        for statement in (*statements.before, *statements.after):
            await connection.execute(statement)
