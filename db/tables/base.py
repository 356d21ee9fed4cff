"""What tables share: the metadata, naming, and the columns that mean the same everywhere."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import UUID

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


def id_column() -> Column[object]:
    """A UUIDv7 made by the application."""
    return Column("id", UUID, primary_key=True)


def reference(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    """A foreign key. Rows that belong to another go with it; its index is declared beside the table."""
    on_delete = "SET NULL" if nullable else "CASCADE"
    return Column(name, UUID, ForeignKey(target, ondelete=on_delete), nullable=nullable, primary_key=primary_key)


def timestamps() -> tuple[Column[object], Column[object]]:
    return (
        Column("created_at", Timestamp, nullable=False, server_default=func.now()),
        Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    )


def soft_delete() -> Column[object]:
    """When the row was deleted. Every query filters by `db.queries.visible`; a purge removes it after 30 days."""
    return Column("deleted_at", Timestamp)


def version() -> Column[object]:
    """Optimistic locking: an update names the version it read and raises it by one."""
    return Column("version", Integer, nullable=False, server_default=text("1"))


def enum_column(name: str, values: type[StrEnum], *, nullable: bool = False) -> Column[object]:
    """Text limited to an enum's values. Text needs no type look-up when a connection opens, as an enum type would."""
    return Column(name, Text, CheckConstraint(one_of(name, values), name=f"{name}_known"), nullable=nullable)


def one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} in ({', '.join(repr(str(value)) for value in values)})"


def at_most(name: str, size: int) -> CheckConstraint:
    """Of a column with an array: how many elements it can have."""
    return CheckConstraint(f"cardinality({name}) <= {size}", name=f"{name}_size")


def position_below(size: int) -> CheckConstraint:
    """Of a column whose values are the places in a list, from 0: how long the list can be."""
    return CheckConstraint(f"position >= 0 and position < {size}", name="position_range")
