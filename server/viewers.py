"""Who a verified token belongs to, remembered for a short while."""

import time
from collections import OrderedDict

from db.database import Database
from db.sign_in import sign_in
from domain.viewer import Viewer

# A changed role or a deleted account takes effect after this time at the latest.
REMEMBERED_SECONDS = 30.0
MAX_REMEMBERED = 10_000


class Viewers:
    """Subjects and their viewers. Without it every request would begin with a statement that finds the learner."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: OrderedDict[str, tuple[float, Viewer]] = OrderedDict()

    async def viewer(self, subject: str, *, email: str | None, name: str | None) -> Viewer:
        """The viewer of a subject; made at first sight.

        Raises Unauthenticated for a deleted account, ServiceUnavailable without a database.
        """
        remembered = self._remembered.get(subject)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        viewer = await sign_in(self._database, subject, email or "", name or _name_from(email))
        self._remembered[subject] = (time.monotonic() + REMEMBERED_SECONDS, viewer)
        self._remembered.move_to_end(subject)
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return viewer


def _name_from(email: str | None) -> str:
    """A first name for somebody whose token has none: never the whole address, which others must not see."""
    return (email or "").partition("@")[0] or "Learner"
