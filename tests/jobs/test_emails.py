"""E-mails are sent once, to verified addresses, and until they are switched off; a real mail server receives them."""

import asyncio
import ssl
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import pytest

from db.core.database import owner_connection
from db.notify.email_outbox import OutgoingEmail, claim_emails
from db.services.notifications import NewNotification, notify_users
from domain.emails import RETRY_DELAYS, UnsubscribeLinks
from domain.ids import UserId
from domain.notifications import NotificationKind
from jobs.emails.messages import Composer
from jobs.emails.sender import EmailSender
from jobs.emails.smtp import SmtpServer
from jobs.emails.templates import TEMPLATES, Language
from tests.clients import TEST_SECRET, Client, client_of
from tests.mail_server import CLOSE, MailServer, certificate, mail_server

LINKS = UnsubscribeLinks(TEST_SECRET.encode(), "http://testserver")
ADD = """
    insert into users (id, subject, email, email_verified, display_name, role, locale)
    values ($1, $2, $3, $4, 'Hana', 'learner', $5)
"""
STATES = "select state, attempts, error, next_attempt_at - now() as delay from emails order by created_at, user_id"
DUE = "update emails set next_attempt_at = now() where state = 'PENDING'"


async def learner(connection: Any, subject: str = "mail", locale: str = "ja-JP", *, verified: bool = True) -> UserId:
    id = uuid4()
    await connection.execute(ADD, id, subject, f"{subject}@example.com", verified, locale)
    return UserId(id)


async def notify(
    connection: Any, *ids: UserId, kind: NotificationKind = NotificationKind.WELCOME, cause: str = "a", **values: Any
) -> None:
    now = await connection.fetchval("select now()")
    await notify_users(connection, kind, [NewNotification(id, cause, **values) for id in ids], now)


def sender_of(server: MailServer, trusted: ssl.SSLContext | None = None) -> EmailSender:
    composer = Composer("no-reply@shinjp.example", "https://app.shinjp.example", LINKS)
    return EmailSender(SmtpServer.from_url(server.url), composer, trusted)


async def send(connection: Any, server: MailServer, trusted: ssl.SSLContext | None = None) -> list[str]:
    """Sends what is due; returns the states of all e-mails."""
    while await sender_of(server, trusted).send_batch(connection, asyncio.Event()):
        pass
    return [row["state"] for row in await connection.fetch(STATES)]


async def test_email_has_both_forms_and_is_switched_off_with_one_click(
    writable: Client, writable_database_url: str, connection: Any
) -> None:
    japanese, english = await learner(connection), await learner(connection, "english", "en-GB")
    await learner(connection, "unverified", verified=False)
    unverified = await connection.fetchval("select id from users where subject = 'unverified'")
    async with mail_server() as server:
        await notify(connection, japanese, english, unverified)
        assert await send(connection, server) == ["SENT", "SENT"]
        messages = {message["To"]: message for message in server.received}
        message = messages["mail@example.com"]
        assert set(messages) == {"mail@example.com", "english@example.com"}
        id = await connection.fetchval("select id from notifications where user_id = $1", japanese)
        assert message["Message-ID"] == f"<{id}@shinjp.example>"
        assert message["Subject"] == TEMPLATES[Language.JAPANESE][NotificationKind.WELCOME].title
        assert messages["english@example.com"]["Subject"] == "Welcome to ShinJP"
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = message["List-Unsubscribe"].strip("<>")
        assert link in plain.get_content()
        assert "https://app.shinjp.example" in html.get_content()
        address = urlsplit(link)
        path = f"{address.path}?{address.query}"
        # Programs that open links change nothing, nor does a link of another user or kind.
        assert (await writable.http.get(path)).status_code == 200
        for forged in (path.replace(japanese.hex, english.hex), path.replace("WELCOME", "ASSIGNMENT"), path[:-1]):
            assert (await writable.http.post(forged)).status_code == 404
        preferences = "select user_id, kind, channel, is_enabled from notification_preferences"
        assert await connection.fetch(preferences) == []
        for _ in range(2):
            assert (await writable.http.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        [row] = await connection.fetch(preferences)
        assert tuple(row) == (japanese, "WELCOME", "EMAIL", False)
        await notify(connection, japanese, english, cause="b")
        await send(connection, server)
        assert [each["To"] for each in server.received[2:]] == ["english@example.com"]


@pytest.mark.parametrize(
    ("recipient", "content", "state", "received"),
    [
        ([], ["451 later"], "PENDING", 0),
        (["450 later"], [], "PENDING", 0),
        ([CLOSE], [], "PENDING", 0),
        (["550 unknown"], [], "FAILED", 0),
        ([], ["554 spam"], "FAILED", 0),
        # The server may have accepted it.
        ([], [CLOSE], "UNCERTAIN", 1),
    ],
)
async def test_replies_of_the_mail_server(
    connection: Any, recipient: list[str], content: list[str], state: str, received: int
) -> None:
    await notify(connection, await learner(connection))
    async with mail_server() as server:
        server.recipient_replies, server.content_replies = [*recipient], [*content]
        assert await send(connection, server) == [state]
        assert len(server.received) == received
        [row] = await connection.fetch(STATES)
        assert row["attempts"] == 1
        assert row["error"]
        assert (row["delay"] > RETRY_DELAYS[0] / 2) is (state == "PENDING")
        await connection.execute(DUE)
        assert await send(connection, server) == ["SENT" if state == "PENDING" else state]
        assert len(server.received) == (1 if state == "PENDING" else received)


async def test_outage_is_retried_until_the_attempts_are_used_up(connection: Any) -> None:
    await notify(connection, await learner(connection))
    async with mail_server() as server:
        pass
    for _ in RETRY_DELAYS:
        assert await send(connection, server) == ["PENDING"]
        await connection.execute(DUE)
    assert await send(connection, server) == ["FAILED"]


async def test_workers_send_each_email_once_and_not_after_a_crash(writable_database_url: str, connection: Any) -> None:
    users = [await learner(connection, f"mail-{number:02}") for number in range(30)]
    await notify(connection, *users)
    async with mail_server() as server:
        # A worker that dies after the mail server has accepted the first batch, and before it notes that.
        lost = await claim_emails(connection)

        async def work() -> None:
            async with owner_connection(writable_database_url) as own:
                await send(own, server)

        await asyncio.gather(work(), work(), work())
        sent = Counter(message["To"] for message in server.received)
        assert set(sent.values()) == {1}
        assert len(sent) == len(users) - len(lost)
        await connection.execute("update emails set updated_at = now() - interval '16 minutes' where state = 'SENDING'")
        states = Counter(await send(connection, server))
        assert states == {"SENT": len(users) - len(lost), "UNCERTAIN": len(lost)}
        assert len(server.received) == len(sent)


async def test_late_and_unwanted_emails_are_dropped(connection: Any) -> None:
    deleted, late = await learner(connection, "deleted"), await learner(connection, "late")
    await notify(connection, deleted, kind=NotificationKind.ASSIGNMENT)
    await notify(connection, late, kind=NotificationKind.ASSIGNMENT)
    await connection.execute("update users set deleted_at = now() where subject = 'deleted'")
    await connection.execute("update notifications set created_at = now() - interval '3 days' where user_id = $1", late)
    async with mail_server() as server:
        assert await send(connection, server) == ["DROPPED", "DROPPED"]
        assert server.received == []


@pytest.mark.parametrize("starttls", [True, False])
async def test_certificate_of_the_mail_server_is_checked(connection: Any, tmp_path: Path, starttls: bool) -> None:
    tls, trusted = certificate(tmp_path)
    await notify(connection, await learner(connection))
    async with mail_server(tls, starttls=starttls) as server:
        assert await send(connection, server) == ["PENDING"]
        await connection.execute(DUE)
        assert await send(connection, server, trusted) == ["SENT"]
    # A server without TLS gets nothing.
    await notify(connection, await learner(connection, "other"), cause="b")
    async with mail_server() as server:
        server.url = server.url.removesuffix("?tls=off")
        assert "PENDING" in await send(connection, server)
        assert server.received == []


@pytest.mark.parametrize("starttls", [True, False])
async def test_sender_signs_in(connection: Any, tmp_path: Path, starttls: bool) -> None:
    tls, trusted = certificate(tmp_path)
    await notify(connection, await learner(connection))
    async with mail_server(tls, starttls=starttls, login=("mail@shinjp", "p@ss:/word%")) as server:
        right = server.url
        for wrong in ("other", "p%C3%A4ss"):
            server.url = right.replace("p%40ss%3A%2Fword%25", wrong)
            assert server.url != right
            assert await send(connection, server, trusted) == ["PENDING"]
            [row] = await connection.fetch(STATES)
            assert wrong not in row["error"]
            await connection.execute(DUE)
        assert server.received == []
        server.url = right
        assert await send(connection, server, trusted) == ["SENT"]
        assert len(server.received) == 1


def outgoing_email() -> OutgoingEmail:
    now = datetime.now(UTC)
    return OutgoingEmail(uuid4(), uuid4(), 1, NotificationKind.ASSIGNMENT, now, None, "a@example.com", "ja", None, True)


def test_only_the_subject_is_encoded() -> None:
    """Mail programs do not decode other headers, of which the URL is longer than a line."""
    email = replace(outgoing_email(), email=f"{'a' * 64}@{'b' * 60}.example")
    message = Composer("no-reply@shinjp.example", None, LINKS).compose(email)
    assert message is not None
    headers = dict(message_from_bytes(message, policy=compat32).items())
    assert headers["List-Unsubscribe"] == f"<{LINKS.link(email.user_id, email.kind)}>"
    assert headers["To"] == email.email
    assert [name for name, value in headers.items() if "=?" in value] == ["Subject"]


def test_values_cannot_add_headers() -> None:
    composer = Composer("no-reply@shinjp.example", None, LINKS)
    email = replace(outgoing_email(), locale="en")
    hostile = "x\r\nBcc: victim@example.com\r\n\r\n<script>.\r\n.\r\n"
    message = composer.compose(replace(email, subject=hostile, locale=hostile))
    assert message is not None
    parsed = message_from_bytes(message, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert parsed["Bcc"] is None
    html = parsed.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    for address in (
        hostile,
        "a@example.com\r\nBcc: b@example.com",
        "<a@example.com>",
        "a b@example.com",
        "猫@example.com",
    ):
        assert composer.compose(replace(email, email=address)) is None
    for language in Language:
        assert set(TEMPLATES[language]) == set(NotificationKind)


async def test_verified_address_is_taken_from_the_token(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url) as client, owner_connection(writable_database_url) as owner:
        settings = client.settings

        async def verified_after(number: int, **claims: Any) -> bool:
            now = datetime.now(UTC)
            registered = {"sub": "verified", "iss": settings.jwt_issuer, "aud": settings.jwt_audience}
            times = {"iat": now + timedelta(seconds=number - 20), "exp": now + timedelta(hours=1)}
            token = jwt.encode(registered | times | claims, TEST_SECRET, algorithm="HS256")
            headers = {"Authorization": f"Bearer {token}"}
            answer = await client.run("{ viewer { email } }", headers=headers)
            assert answer.error_codes == []
            found: bool = await owner.fetchval("select email_verified from users where subject = 'verified'")
            return found

        address = {"email": "hana@example.com"}
        assert not await verified_after(0, **address, user_metadata={"email_verified": True})
        assert await verified_after(2, **address, email_verified=True)
        assert await verified_after(4)
        assert not await verified_after(6, email="other@example.com")
        assert not await verified_after(8, email="other@example.com", email_verified="true")


async def test_streak_is_mentioned_in_the_evening(writable_database_url: str, connection: Any) -> None:
    from db.maintenance.streak_reminders import remind_of_streaks

    # A zone in which it is 20 o'clock, and one in which it is morning.
    hour = datetime.now(UTC).hour
    offset = (20 - hour + 12) % 24 - 12
    evening, morning = (f"Etc/GMT{-offset:+d}", f"Etc/GMT{-((offset + 12 + 11) % 24 - 11):+d}")
    cases = {
        "at risk": (evening, range(1, 6)),
        "studied": (evening, range(6)),
        "short": (evening, range(1, 3)),
        "ended": (evening, range(2, 8)),
        "morning": (morning, range(1, 6)),
    }
    for subject, (zone, days) in cases.items():
        id = await learner(connection, subject.replace(" ", "-"))
        await connection.execute(
            "insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day,"
            " time_zone) values ($1, 'FSRS', 0.9, 20, 200, $2)",
            id,
            zone,
        )
        await connection.execute(
            "insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)"
            " select $1, ((now() at time zone $2) - interval '4 hours')::date - ago, 1, 1, 0, 1"
            " from unnest($3::int[]) as ago",
            id,
            zone,
            list(days),
        )
    for _ in range(2):
        await remind_of_streaks(connection)
    found = await connection.fetch(
        "select subject, streak_days from notifications join users on users.id = user_id where kind = 'STREAK_AT_RISK'"
    )
    assert [tuple(row) for row in found if row["subject"] != "demo"] == [("at-risk", 5)]
