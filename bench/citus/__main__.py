"""Learner data on a Citus cluster, compared with a single PostgreSQL that has the same rows.

    python -m bench.citus PROGRAMS [--learners 10000] [--tests-only]

PROGRAMS is the directory that `deploy/citus/build` printed. Starts a coordinator and two workers in a temporary
directory, migrates, seeds learners, distributes their data, runs `tests/citus`, and measures reads and reviews of some
learners. All servers and the client share the machine: this shows what the coordinator costs, not what more machines
gain. Prints JSON.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bench.citus.cluster import DISTRIBUTED, SINGLE, Node, running_cluster
from bench.harness import ROOT, SHINJP, headers, post, report, served, summary
from db.core.database import owner_connection
from domain.ids import global_id

CARDS_EACH, REVIEWS_A_CARD = 20, 5
CLIENTS, ROUNDS, SECONDS = 8, 3, 5.0
BATCH = 10

DASHBOARD = "{ viewer { dashboard { dueNow reviewsToday streakDays forecast { due } } } }"
DUE_CARDS = "{ viewer { dueCards(first: 20) { nodes { id dueAt repetitions } } } }"
REVIEW = "mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { error { code } } } }"
_CARDS = """
    select 'seed-' || n as subject, (select array_agg(id) from (
        select id from cards where user_id = users.id order by id limit $2
    ) as own) as ids
    from users join generate_series(1, $1::int) as n on subject = 'seed-' || n
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=Path)
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--tests-only", action="store_true")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="shinjp-citus-") as directory,
        running_cluster(arguments.programs.resolve(), Path(directory)) as coordinator,
    ):
        seconds = _prepare(coordinator, arguments.learners)
        environment = os.environ | {
            "CITUS_DATABASE_URL": coordinator.url(DISTRIBUTED),
            "CITUS_SINGLE_URL": coordinator.url(SINGLE),
        }
        tests = [sys.executable, "-m", "pytest", "-n0", "--timeout=0", "-rA", "tests/citus"]
        passed = subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode == 0
        if not arguments.tests_only:
            report(learners=arguments.learners, seconds=seconds, **_measure(coordinator, arguments.learners))
    if not passed:
        sys.exit(1)


def _prepare(coordinator: Node, learners: int) -> dict[str, float]:
    """Migrate and seed both databases, and distribute one; return the durations."""
    seconds: dict[str, float] = {}
    cards = learners * CARDS_EACH
    seed = ["--learners", str(learners), "--cards", str(cards), "--reviews", str(cards * REVIEWS_A_CARD)]
    for database in (SINGLE, DISTRIBUTED):
        environment = os.environ | {"DATABASE_URL": coordinator.url(database)}
        commands = [["migrate"], ["seed", *seed]] + ([["distribute"]] if database == DISTRIBUTED else [])
        for command in commands:
            started_at = time.perf_counter()
            subprocess.run([str(SHINJP), *command], env=environment, check=True)
            seconds[f"{database} {command[0]}"] = round(time.perf_counter() - started_at, 1)
    return seconds


def _measure(coordinator: Node, learners: int) -> dict[str, Any]:
    """Rounds alternate between the databases, so that both meet the same load of other processes."""
    results: dict[str, dict[str, list[Any]]] = {SINGLE: {}, DISTRIBUTED: {}}
    people = asyncio.run(_people(coordinator.url(SINGLE), min(learners, 1_000)))
    for _ in range(ROUNDS):
        for database, measured in results.items():
            # Every request is executed.
            with served("--no-worker", DATABASE_URL=coordinator.url(database), CACHE="off") as server:
                for name, result in asyncio.run(_round(server.url, people)).items():
                    measured.setdefault(name, []).append(result)
    return {"rounds": results}


async def _people(url: str, number: int) -> list[tuple[str, list[Any]]]:
    async with owner_connection(url) as connection:
        return [(row["subject"], row["ids"]) for row in await connection.fetch(_CARDS, number, BATCH)]


async def _round(url: str, people: list[tuple[str, list[Any]]]) -> dict[str, Any]:
    return {
        "dashboard": await _load(url, people, lambda _: (DASHBOARD, None)),
        "dueCards": await _load(url, people, lambda _: (DUE_CARDS, None)),
        "reviews": await _load(url, people, lambda ids: (REVIEW, _batch(ids))),
    }


def _batch(ids: list[Any]) -> dict[str, Any]:
    return {
        "input": {
            "reviews": [{"cardId": global_id("Card", id), "quality": 4, "idempotencyKey": str(uuid4())} for id in ids]
        }
    }


async def _load(url: str, people: list[tuple[str, list[Any]]], operation: Any) -> dict[str, Any]:
    """Requests of random learners by several clients, one after the other in each."""
    ends_at = time.perf_counter() + SECONDS
    durations_ms: list[float] = []

    async def client(seed: int) -> None:
        chosen = random.Random(seed)
        async with httpx.AsyncClient(timeout=60) as http:
            while time.perf_counter() < ends_at:
                subject, ids = chosen.choice(people)
                http.headers = httpx.Headers(headers(subject))
                started_at = time.perf_counter()
                await post(http, url, *operation(ids))
                durations_ms.append((time.perf_counter() - started_at) * 1_000)

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return {"perSecond": round(len(durations_ms) / SECONDS), **summary(durations_ms)}


if __name__ == "__main__":
    main()
