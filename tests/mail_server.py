"""A real mail server on a free port, whose replies a test chooses."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Instead of a reply: the server closes the connection.
CLOSE = "close"


@dataclass
class MailServer:
    """`replies`: to the next recipients and contents, in their order; later ones are accepted."""

    url: str = ""
    recipient_replies: list[str] = field(default_factory=list)
    content_replies: list[str] = field(default_factory=list)
    received: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        reply = self.recipient_replies.pop(0) if self.recipient_replies else "250 OK"
        if reply == CLOSE:
            server.transport.close()
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        reply = self.content_replies.pop(0) if self.content_replies else "250 OK"
        if reply == CLOSE:
            server.transport.abort()
        if reply == CLOSE or reply.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
        return reply


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, *, starttls: bool = False, login: tuple[str, str] | None = None
) -> AsyncIterator[MailServer]:
    """Without `tls`, a server that offers none; `starttls`: it starts with STARTTLS, which it requires.

    `login`: the user and password, without which it accepts nothing.
    """
    found = MailServer()
    options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if starttls else {}
    if login is not None:

        def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, sent: Any) -> AuthResult:
            # Not handled: aiosmtpd sends the refusal.
            return AuthResult(success=(sent.login.decode(), sent.password.decode()) == login, handled=False)

        # aiosmtpd warns of servers that require it without STARTTLS, although TLS may be there from the start.
        options |= {"authenticator": authenticate, "auth_required": starttls, "auth_require_tls": starttls}
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: SMTP(found, hostname="mail.example", loop=loop, **options),
        "127.0.0.1",
        0,
        ssl=None if starttls else tls,
    )
    port = listener.sockets[0].getsockname()[1]
    scheme, query = ("smtp", "") if starttls else ("smtps", "") if tls else ("smtp", "?tls=off")
    credentials = "" if login is None else f"{quote(login[0], safe='')}:{quote(login[1], safe='')}@"
    found.url = f"{scheme}://{credentials}127.0.0.1:{port}{query}"
    try:
        yield found
    finally:
        listener.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server with a new certificate for 127.0.0.1, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    encoded = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(encoded + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=encoded.decode())
