"""Positions in the write-ahead log of a cluster, which clients hold as consistency tokens."""

import re
from typing import NamedTuple, Self

_TOKEN = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,16})", re.ASCII)

_PAGE_BYTES = 8192
# Of the first page of a file, and of the others.
_PAGE_HEADER_BYTES = (40, 24)

# Of a primary. Null during recovery. Everything that was committed before is at or below it, also without
# synchronous_commit, with which the position up to which the log is written to disk would do.
PRIMARY_SQL = """
    select case when pg_is_in_recovery() then null
        else pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint end as position, system_identifier as system
    from pg_control_system()
"""
# With the timeline, which changes when a replica is promoted.
SAMPLE_SQL = """
    select position, system, case when position is not null
        then ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int end as timeline
    from (select case when pg_is_in_recovery() then null
        else pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint end as position, system_identifier as system
        from pg_control_system()) as server
"""
# Of a replica. The position is null after its promotion; the timeline if it receives nothing, and for roles other than
# superusers and members of pg_read_all_stats.
REPLICA_SQL = """
    select case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint end as position,
        system_identifier as system, pg_postmaster_start_time() as started_at,
        (select received_tli from pg_stat_wal_receiver) as timeline
    from pg_control_system()
"""


class Position(NamedTuple):
    """Bytes of the log of a cluster, which is identified by its system identifier. Replicas have the primary's."""

    system: int
    bytes: int

    @classmethod
    def parse(cls, token: str) -> Self | None:
        """None for what is not a token."""
        match = _TOKEN.fullmatch(token)
        return None if match is None else cls(int(match[1], 16), int(match[2], 16))

    def is_before(self, later: Self) -> bool:
        """Whether a server at the later position has everything up to this one."""
        return self.system == later.system and self.bytes <= later.bytes

    def encode(self) -> str:
        return f"{self.system:x}-{self.bytes:x}"


# Of a token that is unknown: no replica has it.
UNKNOWN_POSITION = Position(0, 1 << 64)
# Of a write whose position could not be read: no replica has it, on any process.
ON_PRIMARY = Position(0, (1 << 64) - 1)


def end_of_records(position: int) -> int:
    """The end of the last record, for the position at which the next will be inserted.

    The next record is inserted behind the header of a page, but a replica has replayed everything at the page's start.
    """
    offset = position % _PAGE_BYTES
    return position - offset if offset in _PAGE_HEADER_BYTES else position
