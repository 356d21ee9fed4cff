"""The loop that sends the e-mails of the outbox."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import structlog

from common.executors import EMAILS, run_in
from db.notify.email_outbox import (
    EMAILS_CHANNEL,
    OutgoingEmail,
    claim_emails,
    seconds_until_next,
    settle_email,
)
from domain.emails import RETRY_DELAYS, EmailState, max_age
from jobs.emails.messages import Composer
from jobs.emails.smtp import Outcome, SmtpConnection, SmtpServer, Unavailable
from jobs.outbox_loop import run_outbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EmailSender:
    """`trusted`: certificates of the mail server's authority, by default those of the system."""

    server: SmtpServer
    composer: Composer
    trusted: ssl.SSLContext | None = None

    async def run(self, database_url: str, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set, completing a message in progress. Waits during outages of the database."""

        async def send_batch(connection: asyncpg.Connection) -> int:
            return await self.send_batch(connection, stopping)

        await run_outbox(database_url, EMAILS_CHANNEL, stopping, send_batch, seconds_until_next)

    async def send_batch(self, connection: asyncpg.Connection, stopping: asyncio.Event) -> int:
        """Send a batch of due e-mails over one connection to the mail server. Return the size of the batch."""
        claimed = await claim_emails(connection)
        composed: list[tuple[OutgoingEmail, bytes]] = []
        for email in claimed:
            message = await self._compose(connection, email)
            if message is not None:
                composed.append((email, message))
        if composed:
            await self._send(connection, composed, stopping)
        return len(claimed)

    async def _compose(self, connection: asyncpg.Connection, email: OutgoingEmail) -> bytes | None:
        if not email.is_wanted or datetime.now(UTC) - email.created_at > max_age(email.kind):
            await settle_email(connection, email, EmailState.DROPPED, "It is no longer wanted, or too late.")
            return None
        message = self.composer.compose(email)
        if message is None:
            await settle_email(connection, email, EmailState.FAILED, "The address is not supported.")
        return message

    async def _send(
        self, connection: asyncpg.Connection, composed: list[tuple[OutgoingEmail, bytes]], stopping: asyncio.Event
    ) -> None:
        try:
            smtp = await run_in(EMAILS, SmtpConnection, self.server, self.trusted)
        except Unavailable as error:
            log.warning("mail server unavailable", reason=str(error))
            for email, _ in composed:
                await _retry(connection, email, str(error))
            return
        try:
            for number, (email, message) in enumerate(composed):
                if stopping.is_set():
                    await _release(connection, [email for email, _ in composed[number:]])
                    return
                outcome, reply = await run_in(EMAILS, smtp.send, self.composer.sender, email.email, message)
                await _settle(connection, email, outcome, reply)
                if outcome in (Outcome.DISCONNECTED, Outcome.UNCERTAIN):
                    await _release(connection, [email for email, _ in composed[number + 1 :]])
                    return
        finally:
            await run_in(EMAILS, smtp.close)


async def _settle(connection: asyncpg.Connection, email: OutgoingEmail, outcome: Outcome, reply: str) -> None:
    log.info("e-mail attempted", email_id=str(email.id), kind=email.kind, outcome=outcome.value)
    match outcome:
        case Outcome.SENT:
            await settle_email(connection, email, EmailState.SENT, reply)
        case Outcome.REFUSED:
            await settle_email(connection, email, EmailState.FAILED, reply)
        case Outcome.UNCERTAIN:
            await settle_email(connection, email, EmailState.UNCERTAIN, reply)
        case Outcome.DEFERRED | Outcome.DISCONNECTED:
            await _retry(connection, email, reply)


async def _retry(connection: asyncpg.Connection, email: OutgoingEmail, reason: str) -> None:
    if email.attempts > len(RETRY_DELAYS):
        await settle_email(connection, email, EmailState.FAILED, reason)
    else:
        await settle_email(connection, email, EmailState.PENDING, reason, RETRY_DELAYS[email.attempts - 1])


async def _release(connection: asyncpg.Connection, emails: list[OutgoingEmail]) -> None:
    """Return e-mails that were not attempted."""
    for email in emails:
        await settle_email(connection, email, EmailState.PENDING)
