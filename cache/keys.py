"""Every key in Redis, with its time to live."""

# Tag versions outlive every entry: an entry is valid only while the versions of all its tags exist.
TAG_VERSION_TTL_SECONDS = 7 * 24 * 60 * 60
# Clients send a persisted query's document again after it expired; each use renews it.
PERSISTED_QUERY_TTL_SECONDS = 24 * 60 * 60
# Computing a value may take this long; then another process tries as well.
LOCK_TTL_SECONDS = 5.0


class FieldKeys:
    """Keys of the field cache of one database. `version`: of the schema; entries of other versions are not read.

    Processes of all versions share the tag versions.
    """

    def __init__(self, database_id: str, version: str) -> None:
        self._prefix = f"shinjp:{database_id}"
        self._version = version

    def entry(self, key: bytes) -> bytes:
        return self._key("field", key)

    def lock(self, key: bytes) -> bytes:
        return self._key("lock", key)

    def tag_version(self, tag: str) -> str:
        return f"{self._prefix}:tag:{tag}"

    def _key(self, kind: str, key: bytes) -> bytes:
        # The braces are a hash tag: a cluster places an entry and its lock on the same node.
        return f"{self._prefix}:{kind}:{self._version}:{{{key.decode()}}}".encode()


def persisted_query(hash: str) -> str:
    return f"shinjp:persisted-query:{hash}"


def cost_limit(namespace: str, client: str) -> str:
    """Expires when the bucket is full."""
    return f"shinjp:cost:{namespace}:{client}"


def rate_limit(name: str, namespace: str, client: str) -> str:
    """Expires with the span of the limit."""
    return f"shinjp:rate:{name}:{namespace}:{client}"
