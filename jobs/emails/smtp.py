"""A client of a mail server. All methods block."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Self
from urllib.parse import unquote, urlsplit

from common.error_descriptions import PlainMessage, describe_error

_TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_ACCEPTED, _START_CONTENT, _PERMANENT = 250, 354, 500
_DOT = re.compile(rb"^\.", re.MULTILINE)
# Of a stored reply.
_MAX_REPLY = 500


class Outcome(Enum):
    """The result of a message. After DISCONNECTED and UNCERTAIN the connection is closed."""

    SENT = "sent"
    # The server may accept it later.
    DEFERRED = "deferred"
    REFUSED = "refused"
    # Before the content: it was not sent.
    DISCONNECTED = "disconnected"
    # After the content: it may have been sent.
    UNCERTAIN = "uncertain"


class Unavailable(PlainMessage, Exception):
    """The mail server cannot be reached, or does not accept the connection."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`use_tls`: from the start of the connection. Otherwise it starts with STARTTLS, unless `is_plain`."""

    host: str
    port: int
    user: str | None
    password: str | None
    use_tls: bool
    is_plain: bool

    @classmethod
    def from_url(cls, url: str) -> Self:
        """`smtps://user:password@host:465`, or `smtp://…`, with `?tls=off` for a server in the same network."""
        parts = urlsplit(url)
        return cls(
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            None if parts.username is None else unquote(parts.username),
            None if parts.password is None else unquote(parts.password),
            parts.scheme == "smtps",
            parts.query == "tls=off",
        )


class SmtpConnection:
    """An open connection. `trusted`: certificates of the server's authority, by default those of the system."""

    def __init__(self, server: SmtpServer, trusted: ssl.SSLContext | None = None) -> None:
        """Connect and sign in. Raises Unavailable, also if the server has no TLS or another name."""
        context = trusted or ssl.create_default_context()
        try:
            self._smtp = _connect(server, context)
            try:
                if not (server.use_tls or server.is_plain):
                    self._smtp.starttls(context=context)
                self._smtp.ehlo_or_helo_if_needed()
                if server.user is not None:
                    self._smtp.login(server.user, server.password or "")
            except BaseException:
                self._smtp.close()
                raise
        except UnicodeEncodeError as error:
            # Of Python's client. The error has the whole password.
            raise Unavailable("The user or password in SMTP_URL has characters outside of ASCII.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(describe_error(error)[:_MAX_REPLY]) from error

    def close(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()
        self._smtp.close()

    def send(self, sender: str, recipient: str, message: bytes) -> tuple[Outcome, str]:
        """Send one message. Returns the outcome with the reply of the server, or the error."""
        smtp = self._smtp
        try:
            for command, value, expected in (
                ("MAIL", f"FROM:<{sender}>", _ACCEPTED),
                ("RCPT", f"TO:<{recipient}>", _ACCEPTED),
                ("DATA", "", _START_CONTENT),
            ):
                code, reply = smtp.docmd(command, value)
                if code != expected:
                    smtp.rset()
                    return _refusal(code, reply)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome.DISCONNECTED, describe_error(error)[:_MAX_REPLY]
        try:
            smtp.send(_DOT.sub(b"..", message) + b".\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome.UNCERTAIN, describe_error(error)[:_MAX_REPLY]
        return (Outcome.SENT, _text(code, reply)) if code == _ACCEPTED else _refusal(code, reply)


def _connect(server: SmtpServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.use_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)


def _refusal(code: int, reply: bytes) -> tuple[Outcome, str]:
    return Outcome.REFUSED if code >= _PERMANENT else Outcome.DEFERRED, _text(code, reply)


def _text(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"[:_MAX_REPLY].replace("\x00", "")
