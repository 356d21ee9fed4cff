"""When data last changed, for as long as a replica may lag behind: a replica that has less is not read."""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from db.core.changes import Change
from domain.ids import UserId

# More users than write in a second.
_MAX_USERS = 50_000
# By table, the columns whose values are users. Changes of other tables may affect everybody.
_USER_COLUMNS = {"users": "id"}


class RecentChanges:
    """The changes that this process made or was notified of: a `db.notify.listener.ChangeListener`.

    `max_age`: seconds after which a change is forgotten, because every replica in use has it. Times are monotonic.
    """

    def __init__(self, max_age: float, on_shared_change: Callable[[], None] = lambda: None) -> None:
        self._max_age = max_age
        self.on_shared_change = on_shared_change
        # The oldest first.
        self._by_user: dict[UserId, float] = {}
        # Of what every user may see.
        self.shared = time.monotonic()

    def of(self, user: UserId | None) -> float:
        """When something last changed that the user may see."""
        return self.shared if user is None else max(self.shared, self._by_user.get(user, 0.0))

    def record(self, user: UserId) -> None:
        """Record that data of the user has changed."""
        changes, now = self._by_user, time.monotonic()
        changes.pop(user, None)
        changes[user] = now
        while changes:
            oldest = next(iter(changes))
            is_full = len(changes) > _MAX_USERS
            if changes[oldest] > now - self._max_age and not is_full:
                break
            # No request reads a replica without the change if its user is forgotten before its time.
            if is_full:
                self.shared = max(self.shared, changes[oldest])
            del changes[oldest]

    def record_shared(self) -> None:
        """Record that data of all users may have changed."""
        self.shared = time.monotonic()
        self.on_shared_change()

    def record_changes(self, changes: Iterable[Change] | None) -> None:
        """Record what a transaction has changed. None: too many changes to be listed."""
        if changes is None:
            self.record_shared()
            return
        for change in changes:
            self.on_change(change)

    # Methods of `db.notify.listener.ChangeListener`

    def on_change(self, change: Change) -> None:
        column = _USER_COLUMNS.get(change.table, "user_id")
        if change.keys is None or column not in change.keys:
            self.record_shared()
            return
        for user in change.keys[column]:
            self.record(UserId(UUID(user)))

    def on_disconnect(self) -> None:
        """The age of what a replica has is limited anyway."""

    def on_connect(self) -> None:
        """Changes may have been missed."""
        self.record_shared()

    async def drain(self) -> None:
        """Changes take effect immediately."""
