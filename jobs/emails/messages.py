"""Composes e-mails, in plain text and HTML."""

import re
from dataclasses import dataclass
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from html import escape

from db.notify.email_outbox import OutgoingEmail
from domain.emails import UnsubscribeLinks
from jobs.emails.templates import FRAMES, TEMPLATES, language_of

# What mail servers accept without extensions. Others are not sent.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class _UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """Other long headers are folded, for which URLs would become encoded words. Mail programs do not decode them
    (RFC 2047, section 5; RFC 2369, section 2)."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _UnfoldedHeader)
# Lines of 7-bit characters, for servers without 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)

_HTML = """\
<!DOCTYPE html>
<html lang="{language}">
<body style="font-family: sans-serif; line-height: 1.6; max-width: 40em; margin: 2em auto">
<h1 style="font-size: 1.2em">{title}</h1>
<p>{text}</p>
{app}<p style="font-size: 0.8em"><a href="{unsubscribe_url}">{unsubscribe}</a></p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Composer:
    """`sender`: the address in From. `app_url`: of the front end, to which e-mails link."""

    sender: str
    app_url: str | None
    links: UnsubscribeLinks

    def compose(self, email: OutgoingEmail) -> bytes | None:
        """Return the message, the same for each attempt; None for an address that cannot be written to.

        Only the recipient, the title and ids are in headers, which the policy checks for line breaks.
        """
        if not _ADDRESS.fullmatch(email.email):
            return None
        language = language_of(email.locale)
        frame, template = FRAMES[language], TEMPLATES[language][email.kind]
        text = template.text.format(subject=email.subject or "", days=email.streak_days or 0)
        unsubscribe_url = self.links.link(email.user_id, email.kind)
        message = EmailMessage(_POLICY)
        message["From"] = self.sender
        message["To"] = email.email
        message["Subject"] = template.title
        message["Date"] = format_datetime(email.created_at)
        message["Message-ID"] = f"<{email.id}@{self.sender.rpartition('@')[2]}>"
        # No automatic replies (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        app = f"{frame.open_app}: {self.app_url}\n\n" if self.app_url else ""
        message.set_content(f"{template.title}\n\n{text}\n\n{app}{frame.unsubscribe}: {unsubscribe_url}\n")
        link = f'<p><a href="{escape(self.app_url)}">{frame.open_app}</a></p>\n' if self.app_url else ""
        html = _HTML.format(
            language=language.value,
            title=escape(template.title),
            text=escape(text),
            app=link,
            unsubscribe_url=escape(unsubscribe_url),
            unsubscribe=frame.unsubscribe,
        )
        message.add_alternative(html, subtype="html")
        return message.as_bytes()
