"""Issues tokens for development.

Separate from verification, so that `shinjp token` imports no more than it needs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from server.settings import Settings

# The subjects of the demo accounts, by what GraphiQL calls them.
_DEMO_USERS = {"Demo learner": "demo", "Editor": "editor", "Administrator": "admin"}


def issue_demo_tokens(settings: Settings) -> Mapping[str, str]:
    """Return a token of each demo account, by the account's name."""
    return {name: issue_token(settings, subject) for name, subject in _DEMO_USERS.items()}


def issue_token(
    settings: Settings,
    subject: str,
    *,
    email: str | None = None,
    name: str | None = None,
    lifetime: timedelta = timedelta(days=30),
) -> str:
    """Return a token signed with this server's secret."""
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "sub": subject,
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "iat": now,
        "exp": now + lifetime,
    }
    claims |= {key: value for key, value in (("email", email), ("name", name)) if value is not None}
    return jwt.encode(claims, settings.signing_secret(), algorithm="HS256")
