"""Trusted documents: GraphQL documents of the versions of an app, registered before clients use them by their ids."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from domain.enums import Role
from domain.usage import ClientName
from domain.viewer import Viewer

# Of ids in manifests: hashes with an optional prefix. They are part of URLs.
DOCUMENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
# Of the names of apps and versions.
APP_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
# In versions that are not retired: each process has all of them.
MAX_DOCUMENTS = 10_000
MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
MAX_LIVE_VERSIONS = 1_000

ANONYMOUS = "anonymous"
# In the order in which modes are inherited.
_ROLES = (ANONYMOUS, *(role.value for role in Role))


class VersionState(StrEnum):
    """States of a version of an app. Documents that only retired versions have are unknown to clients."""

    ACTIVE = "ACTIVE"
    DEPRECATED = "DEPRECATED"
    RETIRED = "RETIRED"


class DocumentMode(StrEnum):
    """What happens to a document that is sent as text instead of the id of a trusted one.

    OFF: it is executed. AUDIT: it is executed, counted and logged. PREFER: it is executed and counted. ONLY: it is
    refused before it is parsed.
    """

    OFF = "off"
    AUDIT = "audit"
    PREFER = "prefer"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class DocumentModes:
    """The mode of each role, and that of anonymous clients, by name. `are_off`: all are."""

    by_role: Mapping[str, DocumentMode]
    are_off: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "are_off", all(mode is DocumentMode.OFF for mode in self.by_role.values()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `only editor=off`: a mode for all, and modes of roles. A role without one has that of the role below.

        Raises ValueError.
        """
        given: dict[str, DocumentMode] = {}
        for part in text.split():
            role, separator, mode = part.rpartition("=")
            role = role if separator else ANONYMOUS
            if role not in _ROLES or mode not in list(DocumentMode) or role in given:
                raise ValueError(
                    f"{part!r} is not `mode` or `role=mode`; the modes are {', '.join(DocumentMode)}, the roles "
                    f"{', '.join(_ROLES)}"
                )
            given[role] = DocumentMode(mode)
        if ANONYMOUS not in given:
            raise ValueError("there is no mode for anonymous clients")
        modes: dict[str, DocumentMode] = {}
        mode_of_role = given[ANONYMOUS]
        for role in _ROLES:
            mode_of_role = modes[role] = given.get(role, mode_of_role)
        return cls(modes)

    def of(self, viewer: Viewer | None) -> DocumentMode:
        return self.by_role[role_name(viewer)]


def role_name(viewer: Viewer | None) -> str:
    return ANONYMOUS if viewer is None else viewer.role.value


class CheckedDocument(NamedTuple):
    """A document of a manifest that can be executed. `cost`: for the default values of its variables."""

    id: str
    text: str
    operation: str
    kind: str
    cost: int


class RegisteredDocument(NamedTuple):
    """A document and the versions of apps that have it and are not retired."""

    id: str
    text: str
    operation: str
    versions: list[ClientName]


class VersionSummary(NamedTuple):
    """A version of an app. `own_documents`: those that no other version has which is not retired.

    `last_used_at`, `clients`: of these; for a version of which none are used, None and empty.
    """

    app: str
    version: str
    state: VersionState
    pushed_at: datetime
    documents: int
    own_documents: int
    last_used_at: datetime | None
    clients: list[str]
