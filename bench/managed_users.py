"""The administrators' list of users and single users: latency and statements of each order and filter.

    make seed ARGS="--learners 60000 --cards 300000 --reviews 300000"
    python -m bench.managed_users

Requests are sent to `shinjp serve` one after the other, each for another page, user or part of a name; measured by the
client. `statements` includes the audit entry and the role of the administrator's transactions. Prints JSON.
"""

import time
from collections.abc import Callable
from typing import Any

import httpx

from bench.harness import headers, report, served, summary
from domain.enums import UserOrder

REQUESTS = 30
ROW = "id displayName email role createdAt lastActiveAt block { until reason }"
COUNTS = "cardCount reviewCount textbookCount"
DETAILS = f"""
    {ROW} {COUNTS} clients {{ name lastActiveAt }} statistics {{ streakDays dueNow retention30d }}
    jobs(first: 20) {{ nodes {{ kind status }} }} auditTrail(first: 20) {{ nodes {{ action at changes }} }}
"""
LIST = "query($filter: UserFilter, $order: UserOrder, $after: String) { admin { users(first: %d, filter: $filter,"
LIST += " orderBy: $order, after: $after) { pageInfo { endCursor } nodes { %s } %s } } }"

# The variables of a request, from its number and the previous answer.
Variables = Callable[[int, Any], dict[str, Any]]


def main() -> None:
    with served("--no-worker") as process, httpx.Client(headers=headers("admin"), timeout=60) as client:

        def run(query: str, **variables: Any) -> tuple[Any, float, int]:
            started_at = time.perf_counter()
            answer = client.post(process.url, json={"query": query, "variables": variables}).json()
            milliseconds = (time.perf_counter() - started_at) * 1000
            assert "errors" not in answer, answer["errors"]
            return answer["data"]["admin"], milliseconds, answer["extensions"]["stats"]["sqlStatements"]

        def measure(query: str, variables: Variables) -> dict[str, float]:
            found: Any = None
            times, statements = [], set()
            for number in range(REQUESTS):
                found, milliseconds, count = run(query, **variables(number, found))
                times.append(milliseconds)
                statements.add(count)
            return {**summary(times), "statements": max(statements)}

        def after(found: Any) -> str | None:
            return None if found is None else found["users"]["pageInfo"]["endCursor"]

        pages = LIST % (100, ROW, "")
        total = run(LIST % (1, "id", "totalCount"))[0]["users"]["totalCount"]
        ids = [user["id"] for user in run(LIST % (100, "id", ""))[0]["users"]["nodes"]]

        def in_order(order: UserOrder) -> Variables:
            return lambda _, found: {"order": order.value, "after": after(found)}

        found = {order.value: measure(pages, in_order(order)) for order in UserOrder}
        found["withCounts"] = measure(LIST % (100, f"{ROW} {COUNTS}", ""), lambda _, found: {"after": after(found)})
        found["totalCount"] = measure(LIST % (20, "id", "totalCount"), lambda *_: {})
        filters: dict[str, Callable[[int], dict[str, Any]]] = {
            "role": lambda _: {"role": "ADMIN"},
            "blocked": lambda _: {"blocked": True},
            "deleted": lambda _: {"deleted": True},
            "signedUp": lambda number: {"signedUpFrom": f"2026-01-{number % 28 + 1:02}T00:00:00Z"},
            "activeSince": lambda number: {"activeSince": f"2026-01-{number % 28 + 1:02}T00:00:00Z"},
            "search": lambda number: {"search": f"seed-{1_000 + number}@"},
            "searchOfAll": lambda _: {"search": "seed-"},
        }

        def filtered(filter: Callable[[int], dict[str, Any]]) -> Variables:
            return lambda number, _: {"filter": filter(number)}

        for name, filter in filters.items():
            found[name] = measure(pages, filtered(filter))
        user = f"query($id: ID!) {{ admin {{ user(id: $id) {{ {DETAILS} }} }} }}"
        found["user"] = measure(user, lambda number, _: {"id": ids[number]})
    report(users=total, requests=REQUESTS, latency=found)


if __name__ == "__main__":
    main()
