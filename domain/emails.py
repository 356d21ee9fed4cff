"""E-mails of notifications: states, retries, and the links by which they are switched off."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from domain.errors import NotFound
from domain.ids import UserId, to_uuid
from domain.notifications import NotificationKind


class EmailState(StrEnum):
    """PENDING and SENDING are followed by others; the rest is final."""

    PENDING = "PENDING"
    # A worker is sending it.
    SENDING = "SENDING"
    SENT = "SENT"
    # The mail server refused it permanently, or all attempts failed.
    FAILED = "FAILED"
    # The connection or the worker was lost before the reply to the content: it may have been sent, and is not repeated.
    UNCERTAIN = "UNCERTAIN"
    # It was no longer wanted, or too late.
    DROPPED = "DROPPED"


# The delay after each failed attempt; there is one attempt more.
RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
# Later attempts are dropped.
MAX_AGE = timedelta(days=2)
MAX_AGE_OF_REMINDER = timedelta(hours=4)
# A worker that is still sending after this time has died.
SENDING_TIMEOUT = timedelta(minutes=15)

UNSUBSCRIBE_PATH = "/notifications/unsubscribe"


def max_age(kind: NotificationKind) -> timedelta:
    """How long after the notification its e-mail may still be sent."""
    return MAX_AGE_OF_REMINDER if kind is NotificationKind.STREAK_AT_RISK else MAX_AGE


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """Signed links that switch off the e-mails of one kind for one user. They do not expire: nor do e-mails."""

    secret: bytes
    base_url: str

    def link(self, user_id: UUID, kind: NotificationKind) -> str:
        query = {"user": user_id.hex, "kind": kind.value, "signature": self._signature(user_id.hex, kind)}
        return f"{self.base_url}{UNSUBSCRIBE_PATH}?{urlencode(query)}"

    def parse(self, user: str, kind: str, signature: str) -> tuple[UserId, NotificationKind]:
        """Return what a link names. Raises NotFound for a link that was not signed."""
        if kind in NotificationKind.__members__:
            expected = self._signature(user, NotificationKind(kind))
            if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
                return UserId(to_uuid(user)), NotificationKind(kind)
        raise NotFound("Invalid link.")

    def _signature(self, user: str, kind: NotificationKind) -> str:
        # The prefix distinguishes it from other uses of the secret.
        signed = f"unsubscribe {user} {kind.value}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, signed, hashlib.sha256).hexdigest()
