"""Versions of tags in Redis. A value that was computed under another version of a tag is stale.

Versions are random and never reused: if Redis loses or evicts one, no earlier value becomes valid again.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from cache.keys import TAG_VERSION_TTL_SECONDS, FieldKeys
from cache.redis.client import Command, RedisClient


class TagVersions:
    """Shared by all processes. Each method takes one round trip and raises CacheUnavailable."""

    def __init__(self, redis: RedisClient, keys: FieldKeys) -> None:
        self._redis = redis
        self._keys = keys

    async def get_or_create(self, tags: Collection[str]) -> dict[str, str]:
        """The version of each tag. Call it before reading: what is read afterwards is at least as recent."""
        created = {tag: uuid4().hex for tag in tags}
        commands: list[Command] = []
        for tag, version in created.items():
            key = self._keys.tag_version(tag)
            # An existing version stays, and its time to live is renewed.
            commands.append(("SET", key, version, "NX", "GET", "EX", TAG_VERSION_TTL_SECONDS))
            commands.append(("EXPIRE", key, TAG_VERSION_TTL_SECONDS))
        existing = (await self._redis.pipeline(commands))[::2]
        return {
            tag: version if found is None else found.decode()
            for (tag, version), found in zip(created.items(), existing, strict=True)
        }

    async def are_current(self, versions: Mapping[str, str]) -> bool:
        """Whether every tag still has the given version."""
        found = await self._redis.pipeline([("GET", self._keys.tag_version(tag)) for tag in versions])
        return all(
            current is not None and current.decode() == version
            for current, version in zip(found, versions.values(), strict=True)
        )

    async def bump(self, tags: Collection[str]) -> None:
        """Invalidates all values with any of the tags."""
        await self._redis.pipeline(
            [("SET", self._keys.tag_version(tag), uuid4().hex, "EX", TAG_VERSION_TTL_SECONDS) for tag in tags]
        )
