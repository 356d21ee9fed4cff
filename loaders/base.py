"""Base classes of loaders: one statement a batch, results in the order of the keys."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from common.metrics.instruments import Histogram
from common.task_set import TaskSet
from common.tracing.span_types import LOADER
from common.tracing.trace import span
from db.core.keyset import page_parameters
from db.core.pagination import NestedPagedQuery, Page
from db.core.read_session import ReadSession
from db.core.statement import Query, RowT
from domain.ids import IdT
from domain.pages import PageArguments
from engine.loading.batch_loader import BatchLoader, asking_spans

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


_BATCH_SIZES = Histogram(
    "shinjp_loader_batch_size", "Keys of a batch, by statement or loader.", ("loader",), (1, 2, 5, 10, 20, 50, 100, 500)
)


class Loader(BatchLoader[KeyT, ValueT], ABC, Generic[KeyT, ValueT]):
    """A loader of one request. Subclasses implement `load_keys`. `running`: the tasks of its batches."""

    def __init__(self, reads: ReadSession, running: TaskSet) -> None:
        super().__init__(running)
        self.reads = reads

    async def load_batch(self, keys: Sequence[KeyT]) -> list[ValueT]:
        self.reads.statistics.loader_batches += 1
        name, count = self.name, len(keys)
        _BATCH_SIZES[name,].observe(count)
        with span(LOADER, name, count, asking_spans()):
            return await self.load_keys(keys)

    @property
    def name(self) -> str:
        """For metrics."""
        return type(self).__name__

    @abstractmethod
    async def load_keys(self, keys: Sequence[KeyT]) -> list[ValueT]:
        """The values of these keys, in their order."""


class OneByKey(Loader[IdT, RowT | None], Generic[IdT, RowT]):
    """The row by its `key` column, or None."""

    def __init__(
        self,
        reads: ReadSession,
        running: TaskSet,
        query: Query[RowT],
        key: str = "id",
        **values: object,
    ) -> None:
        super().__init__(reads, running)
        self._query, self._key, self._values = query, key, values

    @property
    def name(self) -> str:
        return self._query.name

    async def load_keys(self, keys: Sequence[IdT]) -> list[RowT | None]:
        key = self._key
        rows = {row[key]: row for row in await self.reads.rows(self._query, ids=keys, **self._values)}
        return [rows.get(id) for id in keys]

    def add(self, rows: Iterable[Any]) -> None:
        """Add rows of another statement with the same columns, among others."""
        self.results.update((row[self._key], row) for row in rows)


class OneWithLargeColumn(OneByKey[IdT, RowT]):
    """The row by its id. `query_with_large` reads a large column, too, whose value the loader `large` then knows."""

    def __init__(
        self,
        reads: ReadSession,
        running: TaskSet,
        query: Query[RowT],
        query_with_large: Query[RowT],
        large: OneByKey[IdT, Any],
    ) -> None:
        super().__init__(reads, running, query)
        self._query_with_large, self._large = query_with_large, large

    def include_large(self) -> None:
        """Read the large column from the next batch on."""
        self._query = self._query_with_large

    async def load_keys(self, keys: Sequence[IdT]) -> list[RowT | None]:
        includes_large = self._query is self._query_with_large
        rows = await super().load_keys(keys)
        if includes_large:
            self._large.add(row for row in rows if row is not None)
        return rows


class OwnByKey(OneByKey[IdT, RowT]):
    """The viewer's row by an id; None without a statement for anonymous requests."""

    def __init__(self, reads: ReadSession, running: TaskSet, query: Query[RowT], key: str = "id") -> None:
        super().__init__(reads, running, query, key, viewer_id=reads.viewer.id if reads.viewer else None)

    async def load_keys(self, keys: Sequence[IdT]) -> list[RowT | None]:
        if self.reads.viewer is None:
            return [None] * len(keys)
        return await super().load_keys(keys)


class ManyByKey(Loader[IdT, list[RowT]], Generic[IdT, RowT]):
    """The rows by their `key` column, in the order of the statement."""

    def __init__(self, reads: ReadSession, running: TaskSet, query: Query[RowT], key: str, **values: object) -> None:
        super().__init__(reads, running)
        self._query, self._key, self._values = query, key, values

    @property
    def name(self) -> str:
        return self._query.name

    async def load_keys(self, keys: Sequence[IdT]) -> list[list[RowT]]:
        key = self._key
        rows: dict[IdT, list[RowT]] = defaultdict(list)
        for row in await self.reads.rows(self._query, ids=keys, **self._values):
            rows[row[key]].append(row)
        return [rows[id] for id in keys]


class ManyOwnByKey(ManyByKey[IdT, RowT]):
    """The viewer's rows by their `key` column; none without a statement for anonymous requests."""

    def __init__(self, reads: ReadSession, running: TaskSet, query: Query[RowT], key: str) -> None:
        super().__init__(reads, running, query, key, viewer_id=reads.viewer.id if reads.viewer else None)

    async def load_keys(self, keys: Sequence[IdT]) -> list[list[RowT]]:
        if self.reads.viewer is None:
            return [[] for _ in keys]
        return await super().load_keys(keys)


class PageByKey(Loader[tuple[IdT, PageArguments], Page[RowT]], Generic[IdT, RowT]):
    """A page of the list of each parent. One statement for each distinct set of page arguments."""

    def __init__(self, reads: ReadSession, running: TaskSet, paged_query: NestedPagedQuery[RowT]) -> None:
        super().__init__(reads, running)
        self._paged_query = paged_query
        self._counts: CountByParent[IdT] = CountByParent(reads, running, paged_query)

    @property
    def name(self) -> str:
        return self._paged_query.name

    async def load_keys(self, keys: Sequence[tuple[IdT, PageArguments]]) -> list[Page[RowT]]:
        parents: dict[PageArguments, list[IdT]] = defaultdict(list)
        for parent_id, arguments in keys:
            parents[arguments].append(parent_id)
        pages: dict[tuple[IdT, PageArguments], Page[RowT]] = {}
        for arguments, parent_ids in parents.items():
            for parent_id, rows in (await self._rows(arguments, parent_ids)).items():
                pages[parent_id, arguments] = self._page(parent_id, arguments, rows)
        return [pages[key] for key in keys]

    async def _rows(self, arguments: PageArguments, parent_ids: list[IdT]) -> dict[IdT, list[RowT]]:
        rows: dict[IdT, list[RowT]] = {parent_id: [] for parent_id in parent_ids}
        values = page_parameters(self._paged_query.ordering, arguments)
        values |= _own_values(self.reads, self._paged_query)
        for row in await self.reads.rows(self._paged_query.page(arguments), parents=parent_ids, **values):
            rows[row["parent_id"]].append(row)
        return rows

    def _page(self, parent_id: IdT, arguments: PageArguments, rows: list[RowT]) -> Page[RowT]:
        async def count() -> int:
            return await self._counts.load(parent_id)

        return Page.from_rows(rows, self._paged_query.ordering, arguments, count)


class CountByParent(Loader[IdT, int], Generic[IdT]):
    """The length of the list of each parent."""

    def __init__(self, reads: ReadSession, running: TaskSet, paged_query: NestedPagedQuery[Any]) -> None:
        super().__init__(reads, running)
        self._paged_query = paged_query

    @property
    def name(self) -> str:
        return f"{self._paged_query.name}.counts"

    async def load_keys(self, keys: Sequence[IdT]) -> list[int]:
        own = _own_values(self.reads, self._paged_query)
        rows = await self.reads.rows(self._paged_query.counts, parents=keys, **own)
        counts = {row["parent_id"]: row.count for row in rows}
        return [counts.get(parent_id, 0) for parent_id in keys]


def _own_values(reads: ReadSession, paged_query: NestedPagedQuery[Any]) -> dict[str, object]:
    """Return the parameter of a list of the viewer's rows; of others, nothing."""
    if not paged_query.is_own:
        return {}
    return {"viewer_id": reads.viewer.id if reads.viewer else None}


class LoaderGroup:
    """The loaders of one noun, created on first use."""

    def __init__(self, reads: ReadSession, running: TaskSet) -> None:
        self.reads = reads
        self._running = running

    def one(self, query: Query[RowT], key: str = "id") -> OneByKey[IdT, RowT]:
        return OneByKey(self.reads, self._running, query, key)

    def own(self, query: Query[RowT], key: str = "id") -> OwnByKey[IdT, RowT]:
        """For a query with the parameter `viewer_id`."""
        return OwnByKey(self.reads, self._running, query, key)

    def many(self, query: Query[RowT], key: str) -> ManyByKey[IdT, RowT]:
        return ManyByKey(self.reads, self._running, query, key)

    def many_own(self, query: Query[RowT], key: str) -> ManyOwnByKey[IdT, RowT]:
        """For a query with the parameter `viewer_id`."""
        return ManyOwnByKey(self.reads, self._running, query, key)

    def page(self, paged_query: NestedPagedQuery[RowT]) -> PageByKey[IdT, RowT]:
        return PageByKey(self.reads, self._running, paged_query)
