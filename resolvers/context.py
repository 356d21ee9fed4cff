"""What a resolver has to work with. Made anew for each request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import strawberry

from cache.client import Cache
from db.changes import Changes
from db.database import Database
from db.reads import Reads
from db.transactions import Transaction, transact
from domain.errors import Unauthenticated
from domain.exports import ExportLinks
from domain.statistics import RequestStatistics
from domain.viewer import Viewer
from loaders import Loaders

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process."""

    database: Database
    cache: Cache | None
    changes: Changes
    # The secret of links to exported files, and where this server is found.
    export_links: ExportLinks


@dataclass(frozen=True, slots=True)
class Context:
    """One request's."""

    request_id: str
    services: Services
    reads: Reads
    loaders: Loaders
    statistics: RequestStatistics
    show_statistics: bool = False
    introspection: bool = True
    # The event of a subscription that the client had last.
    resume_after: int | None = None

    @property
    def viewer(self) -> Viewer | None:
        return self.reads.viewer

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.reads.now

    def signed_in(self) -> Viewer:
        """The viewer. Raises Unauthenticated when nobody is signed in."""
        if self.viewer is None:
            raise Unauthenticated("Sign in first: this belongs to a learner.")
        return self.viewer

    async def write(self, work: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """Does the work in one transaction, after which the operation's later fields see what it changed.

        Raises Unauthenticated when nobody is signed in, ServiceUnavailable when others stood in the way too often.
        """
        viewer = self.signed_in()
        try:
            return await transact(self.services.database, viewer, self.now, self.request_id, self.statistics, work)
        finally:
            self.loaders.forget()


Info = strawberry.Info[Context, None]
