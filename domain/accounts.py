"""Accounts: profiles, roles and blocks."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.enums import Role

# Of display names.
MAX_NAME_LENGTH = 255

# How long a deleted account can be restored before it is erased.
GRACE_PERIOD = timedelta(days=30)
# The only mutations of a deleted account.
MUTATIONS_OF_DELETED_ACCOUNTS = frozenset({"cancelAccountDeletion", "requestDataExport"})

# Language, script and region, the subtags of RFC 5646 by which texts are chosen.
_LOCALE = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a user changes of their profile. `display_name`: None if it is unchanged."""

    display_name: str | None
    changes_locale: bool
    locale: str | None


def parse_locale(value: str) -> str | None:
    """Return a language tag in its usual case, such as `zh-Hant-TW`; None for anything else."""
    found = _LOCALE.fullmatch(value.strip())
    if found is None:
        return None
    language, script, region = found.groups(default="")
    return "-".join(filter(None, (language.lower(), script.title(), region.upper())))


@dataclass(frozen=True, slots=True)
class Block:
    """Refuses the tokens of an account. `until`: None if it does not expire."""

    at: datetime
    until: datetime | None
    reason: str

    def is_active(self, now: datetime) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """A deletion that the user requested, and can cancel until the account is erased."""

    requested_at: datetime

    @property
    def erased_at(self) -> datetime:
        return self.requested_at + GRACE_PERIOD

    def is_due(self, now: datetime) -> bool:
        """Whether the account is being erased."""
        return self.erased_at <= now


def is_confirmed(confirmation: str, email: str, display_name: str) -> bool:
    """Whether the user typed the e-mail address of the account, or its name if it has no address."""
    return confirmation.strip().casefold() == (email or display_name).strip().casefold()


@dataclass(frozen=True, slots=True)
class AccountState:
    """What administrators change of an account, and what they cannot change. The block may have expired."""

    role: Role
    block: Block | None = None
    deletion: AccountDeletion | None = None

    def active_block(self, now: datetime) -> Block | None:
        return self.block if self.block is not None and self.block.is_active(now) else None

    def administers(self, now: datetime) -> bool:
        """Whether the account is that of an administrator who can sign in."""
        return self.role is Role.ADMIN and self.deletion is None and self.active_block(now) is None
