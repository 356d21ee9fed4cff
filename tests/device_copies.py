"""A client's copy of a learner's objects, as docs/offline-synchronisation.md describes it."""

import asyncio
from typing import Any

from db.core.database import owner_connection
from domain.changes import ChangesToken
from tests.clients import Client

CHANGES = """
    query($since: String, $types: [ChangeType!], $first: Int) {
        viewer { changes(since: $since, types: $types, first: $first) {
            changes { type objectId deleted node { id
                ... on Card { state dueAt suspended lapses tags flag version }
                ... on Review { quality reviewedAt undone rescheduled cardId }
                ... on BookProgress { bookId currentPage percent lastReadAt }
                ... on StudySettings { scheduler newCardsPerDay timeZone }
                ... on ChapterProgress { chapterId isRead openedAt: lastReadAt exerciseCount exercisesDone score }
                ... on ExerciseAttempt { exerciseId answeredAt correctCount results { givenText answer } }
            } }
            nextToken hasMore reset
        } }
    }
"""


class DeviceCopy:
    """The objects by global id, and the token of the next page."""

    def __init__(self, client: Client, subject: str, *, types: list[str] | None = None) -> None:
        self.client, self.subject, self.types = client, subject, types
        self.objects: dict[str, Any] = {}
        self.token: str | None = None
        self.resets: list[str] = []

    async def read_page(self, first: int = 100) -> dict[str, Any]:
        """Reads a page and applies it."""
        variables = {"since": self.token, "types": self.types, "first": first}
        page: dict[str, Any] = (await self.client.run(CHANGES, variables, user=self.subject)).data["viewer"]["changes"]
        assert len(page["changes"]) <= first
        if page["reset"]:
            self.resets.append(page["reset"])
            self.objects.clear()
        for change in page["changes"]:
            assert change["deleted"] == (change["node"] is None)
            if change["deleted"]:
                self.objects.pop(change["objectId"], None)
            else:
                assert change["node"]["id"] == change["objectId"]
                self.objects[change["objectId"]] = change["node"]
        self.token = page["nextToken"]
        return page

    async def read_all(self, first: int = 100) -> list[dict[str, Any]]:
        """Reads pages until there are no more; returns them."""
        pages = [await self.read_page(first)]
        while pages[-1]["hasMore"]:
            pages.append(await self.read_page(first))
        return pages

    async def catch_up(self, database_url: str, first: int = 100) -> list[dict[str, Any]]:
        """Reads all changes of transactions that have ended; returns them without pages.

        Other tests use the same cluster, whose open transactions delay the changes of later ones.
        """
        async with owner_connection(database_url) as connection:
            horizon = await connection.fetchval("select pg_snapshot_xmax(pg_current_snapshot())")
        changes: list[dict[str, Any]] = []
        async with asyncio.timeout(60):
            while True:
                changes += [change for page in await self.read_all(first) for change in page["changes"]]
                assert self.token is not None
                if ChangesToken.parse(self.token).transaction >= horizon:
                    return changes
                await asyncio.sleep(0.01)

    def of_type(self, type_name: str) -> list[str]:
        """The global ids of the objects of a type, in the order of their names."""
        marker = {
            "Card": "dueAt",
            "Review": "quality",
            "BookProgress": "currentPage",
            "StudySettings": "scheduler",
            "ChapterProgress": "isRead",
            "ExerciseAttempt": "correctCount",
        }
        return sorted(id for id, node in self.objects.items() if marker[type_name] in node)
