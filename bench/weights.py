"""Declared weights of fields next to those that fit the CPU time of the server and of PostgreSQL.

    python -m bench.weights [COORDINATE …]

The unit is the CPU time of an item of a page of books with its leaves: the difference between pages of 100 and of 20.
The fitted weight of a field is the CPU time of an operation without that of an empty one, in units, less the cost of
everything else in the operation; that of a mutation of many items, with 1,000 of them. Nothing is cached. Each value is
the least of several rounds that alternate.

Prints JSON: `unitMicroseconds`; `microseconds`, of each operation, in the server and in the database; `declared` and
`fitted` by coordinate, and `factor`, by which they differ.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from bench.comparison.operations import QUERIES, Subjects, prepare
from bench.cpu import cpu_seconds
from bench.harness import UNLIMITED, report
from bench.tracing import send
from db.core.database import owner_connection
from domain.ids import global_id
from engine.request.cost_explanation import Explainer
from engine.request.list_sizes import Sizes
from schema.costs import COSTS
from server.app import create_app
from server.auth.development_tokens import issue_token
from server.cli.databases import database_servers, owner_url
from server.settings import Settings

ROUNDS, REQUESTS = 7, 10
# The operation with a batch.
_OF_BATCH = "%s of a batch"
EMPTY, PAGE = "{ __typename }", "{ books(first: %d) { nodes { id title author jlptLevel pageCount } } }"
TEXT = "私は毎朝七時に起きて、新聞を読みながら朝ご飯を食べます。それから電車で大学に行きます。"
WORD = "select vocabulary_id from cards where user_id = $1 and vocabulary_id is not null limit 1"
# By the coordinate of the measured field.
OPERATIONS = {
    "Query.searchVocabulary": '{ searchVocabulary(query: "tabru", first: 20) { nodes { id word } } }',
    "Query.searchKanji": '{ searchKanji(query: "water", first: 20) { nodes { id character } } }',
    "Query.exampleSentences": '{ exampleSentences(vocabularyId: "WORD", first: 20) { nodes { japanese } } }',
    "Query.analyzeText": f'{{ analyzeText(text: "{TEXT * 10}", first: 20) {{ sentences {{ text }} }} }}',
    "Query.checkAnswer": '{ checkAnswer(cardId: "CARD", answer: "to eat") { __typename } }',
    "Viewer.dashboard": "{ viewer { dashboard { streakDays dueNow levels { total } } } }",
    "Viewer.studySession": "{ viewer { studySession(first: 20) { reviewsLeft cards { id } } } }",
    "Viewer.statistics": "{ viewer { statistics { reviews byMaturity { reviews } } } }",
    "Scheduling.simulate": "{ viewer { scheduling { simulate(days: 30) { reviews } } } }",
    "Book.wordsToLearn": '{ book(id: "BOOK") { wordsToLearn(first: 20) { __typename } } }',
    "Admin.analytics": '{ admin { analytics(from: "2026-09-01", to: "2026-11-01") { reviews } } }',
    "Mutation.updateStudySettings": "mutation { updateStudySettings(input: {newCardsPerDay: 20}) { viewer { id } } }",
}

# Mutations of up to 1,000 items, whose weight includes the work for these.
BATCHES = {
    "Mutation.flagCards": "mutation($input: FlagCardsInput!) { flagCards(input: $input) { cards { id } } }",
    "Mutation.reviewCards": QUERIES["reviewCards"],
}
BATCH, MAX_BATCH = 50, 1_000


@dataclass
class Server:
    """The application in this process, and the processes of its database."""

    app: Any
    state: dict[str, Any]
    backends: list[int]

    async def measure(self, body: str, token: str) -> tuple[float, float]:
        """CPU microseconds of a request, in this process and in the database."""
        bodies = [body.replace("REVIEW", f"{time.perf_counter_ns()}-{number}").encode() for number in range(REQUESTS)]
        before, started_at = self._database_seconds(), time.process_time()
        for one in bodies:
            await send(self.app, self.state, one, token)
        own = time.process_time() - started_at
        return own / REQUESTS * 1e6, (self._database_seconds() - before) / REQUESTS * 1e6

    def _database_seconds(self) -> float:
        return sum(map(cpu_seconds, self.backends))


def cost_of(query: str, variables: dict[str, Any], coordinate: str) -> tuple[int, int]:
    """The declared weight of the field, and the cost of everything else in the operation."""
    document = parse(query)
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    costs = Explainer(COSTS, fragments, variables, Sizes()).explain(operation).coordinates()
    type_name, _, field = coordinate.partition(".")
    type_: Any = COSTS.schema.type_map[type_name]
    found = COSTS.of(type_, field)
    weight = 0 if found is None else found.weight
    return weight, sum(costs.values()) - weight


async def bodies_of(subjects: Subjects, url: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Documents and variables by coordinate."""
    async with owner_connection(url) as connection:
        word = await connection.fetchval(WORD, subjects.learner_id)
    ids = {
        "WORD": global_id("Vocabulary", word),
        "CARD": global_id("Card", subjects.cards[0]),
        "BOOK": global_id("Book", subjects.book_id),
    }
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for coordinate, text in OPERATIONS.items():
        query = text
        for name, id in ids.items():
            query = query.replace(f'"{name}"', f'"{id}"')
        found[coordinate] = query, {}
    reviews = json.loads(subjects.bodies()["reviewCards"])["variables"]["input"]["reviews"]
    cards = [review["cardId"] for review in reviews]
    for number, name in ((1, "%s"), (BATCH, _OF_BATCH)):
        inputs = {"cardIds": cards[:number], "flag": 1}, {"reviews": reviews[:number]}
        for (coordinate, query), input in zip(BATCHES.items(), inputs, strict=True):
            found[name % coordinate] = query, {"input": input}
    return found


async def run(settings: Settings, chosen: list[str]) -> None:
    subjects = await prepare(owner_url(settings))
    operations = await bodies_of(subjects, owner_url(settings))
    operations = {name: one for name, one in operations.items() if not chosen or name.split()[0] in chosen}
    measured = {"empty": (EMPTY, {}), "small": (PAGE % 20, {}), "large": (PAGE % 100, {}), **operations}
    tokens = {"Admin.analytics": issue_token(settings, "admin")}
    token = issue_token(settings, subjects.learner)
    least: dict[str, tuple[float, float]] = {}
    app = create_app(settings)
    async with app.router.lifespan_context(app) as lifespan:
        server = Server(app, dict(lifespan or {}), [])
        for name, (query, variables) in measured.items():
            await server.measure(json.dumps({"query": query, "variables": variables}), tokens.get(name, token))
        async with owner_connection(owner_url(settings)) as connection:
            rows = await connection.fetch("select pid from pg_stat_activity where pid <> pg_backend_pid()")
            server.backends = [row["pid"] for row in rows]
        for _ in range(ROUNDS):
            for name, (query, variables) in measured.items():
                body = json.dumps({"query": query, "variables": variables})
                found = await server.measure(body, tokens.get(name, token))
                least[name] = min(least.get(name, found), found, key=sum)
    total = {name: sum(found) for name, found in least.items()}
    unit = (total["large"] - total["small"]) / 80
    fields: dict[str, dict[str, Any]] = {}
    for name, (query, variables) in operations.items():
        declared, others = cost_of(query, variables, name.split()[0])
        fitted = (total[name] - total["empty"]) / unit - others
        fields[name] = {"microseconds": [round(value) for value in least[name]], "declared": declared, "fitted": fitted}
    for name in BATCHES:
        if name in fields:
            of_batch = fields.pop(_OF_BATCH % name)["fitted"]
            fields[name]["fitted"] += (of_batch - fields[name]["fitted"]) * (MAX_BATCH - 1) / (BATCH - 1)
    for field in fields.values():
        field["factor"] = round(field["fitted"] / max(field["declared"], 1), 1)
        field["fitted"] = round(field["fitted"])
    report(unitMicroseconds=round(unit, 1), emptyMicroseconds=round(total["empty"]), weights=fields)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.weights")
    parser.add_argument("coordinates", nargs="*", choices=[[], *OPERATIONS, *BATCHES])
    arguments = parser.parse_args()
    unlimited = {name.lower(): value for name, value in UNLIMITED.items()}
    with database_servers(Settings.load()) as settings:
        changed = Settings.model_validate(
            settings.model_dump() | unlimited | {"log_level": "warning", "cache": "off", "cost_limit": "off"}
        )
        asyncio.run(run(changed, arguments.coordinates))


if __name__ == "__main__":
    main()
