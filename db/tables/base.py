"""The metadata, the naming convention and the columns that tables share."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, MetaData, Table, Text, func, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Timestamp = DateTime(timezone=True)


class TransactionId(UserDefinedType[int]):
    """A transaction id of 64 bits, which is not reused."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def id_column() -> Column[object]:
    """Return the primary key: a UUIDv7 that the application generates."""
    return Column("id", UUID, primary_key=True)


def reference(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    """Return a foreign key column, ON DELETE CASCADE or, if nullable, SET NULL. Tables declare its index."""
    on_delete = "SET NULL" if nullable else "CASCADE"
    return Column(name, UUID, ForeignKey(target, ondelete=on_delete), nullable=nullable, primary_key=primary_key)


def timestamps() -> tuple[Column[object], Column[object]]:
    return (
        Column("created_at", Timestamp, nullable=False, server_default=func.now()),
        Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    )


def soft_delete() -> Column[object]:
    """Return the column of soft deletes. All queries use `not_deleted`; rows are purged after 30 days."""
    return Column("deleted_at", Timestamp)


def changed_in() -> Column[object]:
    """Return the column of the transaction that changed the row last, which the default and a trigger set.

    It is null in rows that did not change since the column exists.
    """
    return Column("changed_in", TransactionId, server_default=func.pg_current_xact_id())


def changed_index(table: Table, key: str = "id") -> Index:
    """Return the index of the changes of a user, in their order. `key`: the column that identifies a row."""
    columns = (table.c.user_id, table.c.changed_in, table.c[key])
    return Index(f"ix_{table.name}_changed", *columns, postgresql_where=table.c.changed_in.is_not(None))


def version() -> Column[object]:
    """Return the column for optimistic locking: updates compare it with the version that was read, and increment it."""
    return Column("version", Integer, nullable=False, server_default=text("1"))


def enum_column(
    name: str, values: type[StrEnum], *, nullable: bool = False, default: StrEnum | None = None
) -> Column[object]:
    """Return a string column limited to an enum's values. A PostgreSQL enum would need a type lookup per connection."""
    check = CheckConstraint(one_of(name, values), name=f"{name}_known")
    return Column(name, Text, check, nullable=nullable, server_default=default and text(f"'{default}'"))


def one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} in ({', '.join(repr(str(value)) for value in values)})"


def at_most(name: str, size: int) -> CheckConstraint:
    """Return the check that limits the length of an array column."""
    return CheckConstraint(f"cardinality({name}) <= {size}", name=f"{name}_size")


def position_below(size: int) -> CheckConstraint:
    """Return the check that limits a zero-based position, and with it the length of the list."""
    return CheckConstraint(f"position >= 0 and position < {size}", name="position_range")
