"""The job that reschedules all cards of a learner with 20,000 cards and 1,000,000 reviews after a change of settings.

    python -m bench.reschedule_cards    on the content; with the dictionary, which has enough words

Creates the learner of `bench.statistics`, and keeps it for later runs. Prints JSON: the seconds until the mutation
returned and until the job had finished, the number of different values of its progress and the longest time without a
new one, the longest request and the longest review of the learner meanwhile, and the most memory of the worker.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from bench.harness import Served, database_url, headers, post, report, resident_kib, served
from bench.statistics import REVIEWS, SUBJECT, make_history
from db.core.database import owner_connection

_POLL_SECONDS, _MAX_SECONDS = 0.25, 3_600
_SETTINGS = "{ viewer { id settings { desiredRetention } } }"
_CHANGE = """
    mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) {
        job { id kind } errors { message }
    } }
"""
_JOB = """
    query($id: ID!) { node(id: $id) { ... on Job { status progress } } viewer { dashboard { dueNow } } }
"""
_CARD = "{ viewer { cards(first: 1) { nodes { id } } } }"
_REVIEW = """
    mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { errors { message } } }
"""


def main() -> None:
    with served("--worker") as process:
        report(reviews=REVIEWS, **asyncio.run(_measure(process)))


async def _measure(process: Served) -> dict[str, Any]:
    async with (
        httpx.AsyncClient(headers=headers(SUBJECT), timeout=600) as client,
        owner_connection(database_url()) as connection,
    ):
        viewer = (await post(client, process.url, _SETTINGS))["data"]["viewer"]
        learner = await connection.fetchval("select id from users where subject = $1", SUBJECT)
        await make_history(connection, learner)
        retention = 0.88 if viewer["settings"]["desiredRetention"] != 0.88 else 0.9
        started_at = time.perf_counter()
        changed = (await post(client, process.url, _CHANGE, {"input": {"desiredRetention": retention}}))["data"]
        returned_after = time.perf_counter() - started_at
        return {
            "mutationSeconds": round(returned_after, 2),
            **await _follow(client, process, changed["updateStudySettings"]["job"]["id"]),
        }


async def _follow(client: httpx.AsyncClient, process: Served, job_id: str) -> dict[str, Any]:
    """Polls the job until it has finished."""
    started_at = changed_at = time.perf_counter()
    before = _worker_kib(process)
    progress, most, pause, request, review = set[float](), before, 0.0, 0.0, 0.0
    [card] = (await post(client, process.url, _CARD))["data"]["viewer"]["cards"]["nodes"]
    while time.perf_counter() - started_at < _MAX_SECONDS:
        asked_at = time.perf_counter()
        job = (await post(client, process.url, _JOB, {"id": job_id}))["data"]["node"]
        now = time.perf_counter()
        request, most = max(request, now - asked_at), max(most, _worker_kib(process))
        answer = {"cardId": card["id"], "quality": 4, "idempotencyKey": f"{job_id}{now}"}
        await post(client, process.url, _REVIEW, {"input": {"reviews": [answer]}})
        review = max(review, time.perf_counter() - now)
        if job["progress"] not in progress:
            pause, changed_at = max(pause, now - changed_at), now
            progress.add(job["progress"])
        if job["status"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return {
                "status": job["status"],
                "jobSeconds": round(now - started_at, 1),
                "progressValues": len(progress),
                "longestPauseSeconds": round(pause, 1),
                "longestRequestMs": round(request * 1_000),
                "longestReviewMs": round(review * 1_000),
                "workerMiB": {"before": before // 1_024, "most": most // 1_024},
            }
        await asyncio.sleep(_POLL_SECONDS)
    raise RuntimeError("the job did not finish")


def _worker_kib(process: Served) -> int:
    """The resident memory of the processes that the server started from Python."""
    children = [pid for task in Path(f"/proc/{process.pid}/task").iterdir() for pid in _read(task / "children").split()]
    return sum(resident_kib(int(pid)) for pid in children if "python" in _read(Path(f"/proc/{pid}/cmdline")))


def _read(path: Path) -> str:
    """Empty if the process or thread has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    main()
