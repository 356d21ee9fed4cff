"""Clients take turns, and one that fills the queue takes no place from others."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from engine.errors import QueueFull, TooManyPendingJobs
from engine.request.fair_queue import FairQueue
from engine.request.queue_limits import QueueLimits


class Gate:
    """Jobs that finish when released, in the order in which they ran."""

    def __init__(self, **limits: int) -> None:
        self.queue: FairQueue[str, str] = FairQueue("jobs", QueueLimits(**limits))
        self.ran: list[str] = []
        self._is_open = asyncio.Event()

    def job(self, key: str) -> Callable[[], Awaitable[str]]:
        async def run() -> str:
            await self._is_open.wait()
            self.ran.append(key)
            return key

        return run

    async def send(self, client: str, key: str) -> "asyncio.Task[str]":
        """The task of a client, once it is queued or rejected."""
        task = asyncio.create_task(self.queue.run(client, key, self.job(key)))
        await asyncio.sleep(0)
        return task

    def open(self) -> None:
        self._is_open.set()


async def ended(*tasks: "asyncio.Task[str]") -> list[str | BaseException]:
    async with asyncio.timeout(60):
        return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("length", [2, 16, 50])
async def test_client_waits_for_one_job_of_each_other_client(length: int) -> None:
    gate = Gate(total=200, per_client=100)
    tasks = [await gate.send(client, f"{client}{number}") for client in "ab" for number in range(length)]
    tasks.append(await gate.send("c", "c0"))
    gate.open()
    assert await ended(*tasks) == [*(f"{client}{number}" for client in "ab" for number in range(length)), "c0"]
    # a0 was running.
    assert gate.ran[:4] == ["a0", "a1", "b0", "c0"]
    assert len(gate.queue) == 0


async def test_jobs_of_a_client_keep_their_order() -> None:
    random, gate = Random(1), Gate(total=1_000, per_client=1_000)
    sent: list[tuple[str, str]] = [(random.choice("abcd"), f"{number}") for number in range(200)]
    tasks = [await gate.send(client, key) for client, key in sent]
    gate.open()
    await ended(*tasks)
    for client in "abcd":
        own = [key for sender, key in sent if sender == client]
        assert [key for key in gate.ran if key in own] == own
    # While all have jobs left, each has one per round.
    of = {key: client for client, key in sent}
    rounds = [gate.ran[start : start + 4] for start in range(1, 100, 4)]
    assert all(sorted(of[key] for key in keys) == list("abcd") for keys in rounds)


async def test_job_runs_once_at_first_turn_of_its_clients() -> None:
    gate = Gate(total=100, per_client=100)
    tasks = [await gate.send("a", f"a{number}") for number in range(10)]
    # The same job twice, while another runs.
    tasks += [await gate.send("b", "a9"), await gate.send("b", "a9"), await gate.send("b", "a0")]
    assert len(gate.queue) == 10
    gate.open()
    assert (await ended(*tasks))[9:] == ["a9", "a9", "a9", "a0"]
    assert gate.ran == ["a0", "a1", "a9", *(f"a{number}" for number in range(2, 9))]


async def test_client_with_too_many_jobs_is_rejected_alone() -> None:
    gate = Gate(total=100, per_client=3)
    tasks = [await gate.send("a", f"a{number}") for number in range(6)]
    other = await gate.send("b", "b0")
    gate.open()
    *done, fourth, fifth = await ended(*tasks)
    assert done == ["a0", "a1", "a2", "a3"]
    for refused in (fourth, fifth):
        assert isinstance(refused, TooManyPendingJobs)
        assert refused.message == "Too many jobs of this client are queued (3); wait for their responses."
    assert await other == "b0"
    assert gate.queue.refused == {"client": 2, "total": 0}


async def test_full_queue_takes_from_the_client_with_the_most_jobs() -> None:
    gate = Gate(total=6, per_client=5)
    many = [await gate.send("a", f"a{number}") for number in range(6)]
    [few] = [await gate.send("b", "b0")]
    newcomers = [await gate.send("c", "c0"), await gate.send("d", "d0")]
    gate.open()
    finished = await ended(*many[:4], few, *newcomers)
    assert finished == ["a0", "a1", "a2", "a3", "b0", "c0", "d0"]
    for refused in await ended(*many[4:]):
        assert isinstance(refused, QueueFull)
    assert gate.queue.refused == {"client": 0, "total": 2}


async def test_full_queue_rejects_client_with_as_many_jobs_as_others() -> None:
    gate = Gate(total=3, per_client=3)
    running = await gate.send("a", "running")
    waiting = [await gate.send(client, f"{client}0") for client in "abc"]
    [newcomer] = await ended(await gate.send("d", "d0"))
    assert isinstance(newcomer, QueueFull)
    gate.open()
    assert await ended(running, *waiting) == ["running", "a0", "b0", "c0"]


async def test_client_keeps_place_in_job_dropped_for_another() -> None:
    gate = Gate(total=3, per_client=3)
    running = await gate.send("a", "running")
    attackers = [await gate.send("a", f"a{number}") for number in range(2)]
    # Takes the attacker's last place, which it loses to the next client.
    same = await gate.send("b", "a1")
    newcomer = await gate.send("c", "c0")
    gate.open()
    assert await ended(running, attackers[0], same, newcomer) == ["running", "a0", "a1", "c0"]
    [lost] = await ended(attackers[1])
    assert isinstance(lost, QueueFull)
    assert sorted(gate.ran) == ["a0", "a1", "c0", "running"]


async def test_error_of_job_reaches_all_its_clients() -> None:
    queue: FairQueue[str, str] = FairQueue("jobs", QueueLimits())

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("wrong")

    async def succeed() -> str:
        return "right"

    failing = [asyncio.create_task(queue.run(client, "bad", fail)) for client in "ab"]
    following = asyncio.create_task(queue.run("a", "good", succeed))
    first, second, third = await ended(*failing, following)
    assert isinstance(first, ValueError)
    assert isinstance(second, ValueError)
    assert third == "right"
    assert len(queue) == 0


async def test_job_runs_after_client_disconnected() -> None:
    gate = Gate(total=10, per_client=10)
    first, leaving = await gate.send("a", "a0"), await gate.send("b", "b0")
    leaving.cancel()
    last = await gate.send("c", "c0")
    gate.open()
    await ended(first, leaving, last)
    assert leaving.cancelled()
    assert gate.ran == ["a0", "b0", "c0"]
