"""Decides which changes of the schema break clients, by usage and trusted documents."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from graphql import GraphQLError, GraphQLSchema, parse, validate

from domain.trusted_documents import RegisteredDocument
from domain.usage import UNKNOWN, ClientName, UsageReport
from engine.request.schema_changes import SchemaChange, Severity

# Clients and documents that are listed.
_MAX_LISTED = 20
# Share of the days with requests, and of requests with a client's name, from which confidence is high.
_ENOUGH = 0.9
_ENOUGH_REQUESTS = 1_000


class CheckOptions(NamedTuple):
    """`min_percent`: of all requests; a smaller share does not count. `excluded`: names of clients that may break.

    `allows_no_usage`: whether a change may pass although no request was counted.
    """

    days: int
    min_percent: float
    excluded: frozenset[str]
    allows_no_usage: bool = False


class Verdict(NamedTuple):
    """`users`: requests by client; None if usage is unknown. `percent`: of all requests. `confidence`: a sentence."""

    change: SchemaChange
    fails: bool
    users: dict[ClientName, int] | None
    percent: float
    confidence: str

    def lines(self) -> list[str]:
        change = self.change
        lines = [f"{change.severity}: {change.message}"]
        if change.severity is Severity.DANGEROUS:
            return lines
        if self.users is None:
            return [*lines, "  Its usage is unknown (--no-usage)."]
        if not self.users:
            lines.append("  No client uses it.")
        for client, count in list(self.users.items())[:_MAX_LISTED]:
            lines.append(f"  {client.name} {client.version or '(no version)'}: {count} requests")
        if len(self.users) > _MAX_LISTED:
            lines.append(f"  … and {len(self.users) - _MAX_LISTED} others")
        if self.users:
            lines.append(f"  {self.percent:.2f} % of all requests.")
        return [*lines, f"  {self.confidence}"]


def judge_changes(changes: Iterable[SchemaChange], usage: UsageReport | None, options: CheckOptions) -> list[Verdict]:
    """A breaking change fails if a client uses one of the parts that it affects, or if usage is unknown: without a
    report, or with one that has no requests.
    """
    confidence = "" if usage is None else _describe_confidence(usage, options)
    return [_judge(change, usage, options, confidence) for change in changes]


def check_documents(
    documents: Iterable[RegisteredDocument], schema: GraphQLSchema, excluded: frozenset[str]
) -> list[str]:
    """Return a sentence for each trusted document that is invalid in the new schema. Those of excluded apps may be."""
    problems = []
    for document in documents:
        versions = [version for version in document.versions if version.name not in excluded]
        error = _find_error(document.text, schema) if versions else None
        if error is not None:
            names = ", ".join(f"{version.name} {version.version}" for version in versions[:_MAX_LISTED])
            problems.append(f"Trusted document {document.id} ({document.operation}) of {names}: {error}")
    return problems


def _judge(change: SchemaChange, usage: UsageReport | None, options: CheckOptions, confidence: str) -> Verdict:
    is_breaking = change.severity is Severity.BREAKING
    if usage is None:
        return Verdict(change, is_breaking, None, 0.0, confidence)
    # A request may use several of the parts: it counts once at least.
    users: Counter[ClientName] = Counter()
    for coordinate, client, requests in usage.uses:
        if coordinate in change.affected and client.name not in options.excluded:
            users[client] = max(users[client], requests)
    percent = 100 * users.total() / max(1, sum(usage.requests.values()))
    is_unknown = not sum(usage.requests.values()) and not options.allows_no_usage
    fails = is_breaking and (is_unknown or (bool(users) and percent >= options.min_percent))
    return Verdict(change, fails, dict(users.most_common()), percent, confidence)


def _describe_confidence(usage: UsageReport, options: CheckOptions) -> str:
    requests = sum(usage.requests.values())
    if not requests:
        return (
            f"Confidence: none; no request was counted in {options.days} days. Check a database that clients use, or "
            "pass --allow-no-usage."
        )
    named = 1 - usage.requests.get(UNKNOWN, 0) / max(1, requests)
    shares: Sequence[float] = (usage.days / options.days, named, requests / _ENOUGH_REQUESTS)
    level = "high" if min(shares) >= _ENOUGH else "medium" if min(shares) >= _ENOUGH / 2 else "low"
    return (
        f"Confidence: {level}; {requests} requests on {usage.days} of {options.days} days, {100 * named:.0f} % of them "
        "with a client's name."
    )


def _find_error(text: str, schema: GraphQLSchema) -> str | None:
    try:
        errors = validate(schema, parse(text), max_errors=1, hide_suggestions=True)
    except GraphQLError as error:
        return error.message
    return errors[0].message if errors else None
