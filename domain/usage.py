"""Usage of the schema and of trusted documents, counted by day and by the clients' names and versions."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

# Days that are kept; their number is also the maximum of reports.
USAGE_RETENTION = timedelta(days=90)
# Names and versions counted per day, besides those of registered apps and regular clients: clients choose them. More
# are counted together.
MAX_CLIENTS = 200
# Anonymous clients introduce names while there are fewer than this: the others are for viewers, because accounts are
# harder to get than addresses.
MAX_CLIENTS_OF_ANONYMOUS = 100
# Of these, those that one viewer or address can introduce per day and process.
MAX_CLIENTS_OF_SOURCE = 20
# Regular clients: of those of earlier days, the ones that were seen on most. Strangers cannot take their places.
MAX_REGULAR_CLIENTS = 200
REGULAR_CLIENT_DAYS = 30


class UsageKind(StrEnum):
    """What a name of a count is: schema coordinates, the id of a trusted document, or nothing for all requests."""

    COORDINATE = "COORDINATE"
    DOCUMENT = "DOCUMENT"
    REQUEST = "REQUEST"


class ClientName(NamedTuple):
    """What a client calls itself. `version`: empty if it does not say."""

    name: str
    version: str = ""


class UsageSource(NamedTuple):
    """Who introduces the names of clients: a viewer or an address."""

    key: str
    is_viewer: bool


# Of clients that send no name, or an invalid one; and of those beyond a limit.
UNKNOWN, OTHERS = ClientName("unknown"), ClientName("others")


class ClientUse(NamedTuple):
    """The requests of a version of a client that use a coordinate."""

    coordinate: str
    client: ClientName
    requests: int


class UsageReport(NamedTuple):
    """Usage in a number of days. `days`: those with requests. `requests`: by client."""

    days: int
    requests: dict[ClientName, int]
    uses: list[ClientUse]


class UsageKey(NamedTuple):
    """What is counted. `name`: empty for requests."""

    kind: UsageKind
    name: str
    client: ClientName
