"""The versions of tags, in Redis. What was made when a tag had another version is old.

A version is new whenever it is set, and never one that was there before: where Redis lost or evicted it, nothing that
was made earlier is valid again.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from cache.redis.client import Command, RedisClient

# Longer than any entry may live: entries without the versions of all their tags are not valid.
LIFETIME_SECONDS = 7 * 24 * 60 * 60


class Versions:
    """Of all processes together. Each method is one round trip, and raises CacheUnavailable."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    async def before_reading(self, tags: Collection[str]) -> dict[str, str]:
        """The version of each tag, which a tag without one gets now. What is read afterwards is at least as new."""
        made = {tag: uuid4().hex for tag in tags}
        commands: list[Command] = []
        for tag, version in made.items():
            key = self._key(tag)
            # One that is there stands, and lives on.
            commands.append(("SET", key, version, "NX", "GET", "EX", LIFETIME_SECONDS))
            commands.append(("EXPIRE", key, LIFETIME_SECONDS))
        there = (await self._redis.send(commands))[::2]
        return {
            tag: version if found is None else found.decode()
            for (tag, version), found in zip(made.items(), there, strict=True)
        }

    async def hold(self, versions: Mapping[str, str]) -> bool:
        """Whether all these are the versions still."""
        found = await self._redis.send([("GET", self._key(tag)) for tag in versions])
        return all(
            now is not None and now.decode() == version for now, version in zip(found, versions.values(), strict=True)
        )

    async def renew(self, tags: Collection[str]) -> None:
        """What was made of these is old."""
        await self._redis.send([("SET", self._key(tag), uuid4().hex, "EX", LIFETIME_SECONDS) for tag in tags])

    def _key(self, tag: str) -> str:
        return f"{self._prefix}:tag:{tag}"
