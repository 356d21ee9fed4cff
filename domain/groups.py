"""Groups of teachers and learners: roles, limits, and the codes of invitations."""

import hashlib
import re
import secrets
from datetime import timedelta
from enum import StrEnum


class GroupRole(StrEnum):
    """The role of a member in one group. It has nothing to do with the role of the account."""

    TEACHER = "TEACHER"
    LEARNER = "LEARNER"


MAX_GROUPS_OF_USER = 50
MAX_MEMBERS = 200
MAX_NAME, MAX_DESCRIPTION, MAX_NOTE = 200, 2_000, 1_000
MAX_ASSIGNMENTS = 500
# That have not expired.
MAX_INVITATIONS = 50
MAX_INVITATION_LIFETIME = timedelta(days=90)
DEFAULT_INVITATION_LIFETIME = timedelta(days=14)
DEFAULT_INVITATION_USES = 30
MAX_DUE = timedelta(days=731)

# Crockford's base 32, in which no two characters look alike.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH, _PART = 16, 4
_LOOKALIKES = str.maketrans("OIL", "011")


def new_code() -> str:
    """A code of 80 random bits, in parts: `7QJ2-M0XR-9TVE-4KWA`."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(code[start : start + _PART] for start in range(0, _CODE_LENGTH, _PART))


def hash_code(code: str) -> str | None:
    """The hash by which a code is stored, whatever its case, spaces and hyphens; None for another string.

    Codes are random, so that their hashes need no salt.
    """
    normalized = re.sub(r"[\s-]", "", code).upper().translate(_LOOKALIKES)
    if len(normalized) != _CODE_LENGTH or not set(normalized) <= set(_ALPHABET):
        return None
    return hashlib.sha256(normalized.encode()).hexdigest()
