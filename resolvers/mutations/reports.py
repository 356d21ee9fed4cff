"""Mutations of reports: learners send them, editors answer."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

import strawberry

from db.queries.reports import ReportRow
from db.services import reports as report_service
from domain.enums import ReportedType, ReportReason, ReportResolution
from domain.errors import BadUserInput
from domain.ids import BookId, ReportId, VocabularyId, parse_global_id
from domain.list_sizes import MAX_EXAMPLES, MAX_PAGES_OF_BOOK
from domain.rate_limits import REPORTS, WRITES
from domain.reports import MAX_ANSWER, MAX_COMMENT, MAX_PROPOSAL, REPORTED_TYPES, TYPE_NAMES, NewReport
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator, validated_id
from resolvers.context import Context, Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.nodes import load_node
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class ReportContentInput:
    object_id: strawberry.ID
    position: int | None = None
    page: int | None = None
    reason: ReportReason
    comment: str | None = None
    proposal: str | None = None


@dataclass(kw_only=True)
class AssignReportInput:
    id: strawberry.ID
    expected_version: int
    release: bool | None = False


@dataclass(kw_only=True)
class ResolveReportInput:
    id: strawberry.ID
    expected_version: int
    resolution: ReportResolution
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPayload(Payload):
    """The report."""

    report: ReportRow | None = None


@returns_user_errors(ReportPayload)
@rate_limited(REPORTS)
async def report_content(info: Info, input: ReportContentInput) -> ReportPayload:
    validator = Validator()
    reported, id, place = _parse(input, validator)
    comment = validator.text(input.comment or "", MAX_COMMENT, "comment", empty=True) or None
    proposal = validator.text(input.proposal or "", MAX_PROPOSAL, "proposal", empty=True) or None
    if input.reason is ReportReason.OTHER and comment is None:
        validator.add_error(UserErrorCode.REQUIRED, "comment: say what is wrong.", "comment")
    validator.raise_if_invalid()
    await _require_object(info.context, reported, id, place)
    report = NewReport(reported, id, place, input.reason, comment, proposal)
    save = partial(report_service.report_content, report=report)
    return ReportPayload(report=await info.context.run_transaction(save))


@returns_user_errors(ReportPayload, current="report")
@rate_limited(WRITES)
async def assign_report(info: Info, input: AssignReportInput) -> ReportPayload:
    id = validated_id(ReportId, input.id, "id")
    save = partial(
        report_service.assign_report, id=id, expected_version=input.expected_version, release=bool(input.release)
    )
    return ReportPayload(report=await info.context.run_transaction(save))


@returns_user_errors(ReportPayload, current="report")
@rate_limited(WRITES)
async def resolve_report(info: Info, input: ResolveReportInput) -> ReportPayload:
    validator = Validator()
    id = validator.parse_id(ReportId, input.id, "id")
    answer = validator.text(input.answer or "", MAX_ANSWER, "answer", empty=True) or None
    validator.raise_if_invalid()
    save = partial(
        report_service.resolve_report,
        id=id,
        expected_version=input.expected_version,
        resolution=input.resolution,
        answer=answer,
    )
    return ReportPayload(report=await info.context.run_transaction(save))


def _parse(input: ReportContentInput, validator: Validator) -> tuple[ReportedType, UUID, int | None]:
    """What is reported, its id, and the position of a sentence or the number of a page."""
    try:
        name, id = parse_global_id(input.object_id)
        reported = REPORTED_TYPES[name]
    except (BadUserInput, KeyError):
        allowed = ", ".join(REPORTED_TYPES)
        validator.add_error(UserErrorCode.INVALID, f"objectId is not a global id of {allowed}.", "objectId")
        return ReportedType.VOCABULARY, UUID(int=0), None
    for path, value, of in (
        ("position", input.position, ReportedType.VOCABULARY),
        ("page", input.page, ReportedType.BOOK_PAGE),
    ):
        if value is not None and reported is not of:
            validator.add_error(UserErrorCode.INVALID, f"{path}: a {name} has none.", path)
    if reported is ReportedType.VOCABULARY and input.position is not None:
        validator.number(input.position, 0, MAX_EXAMPLES - 1, "position")
        return ReportedType.SENTENCE, id, input.position
    if reported is ReportedType.BOOK_PAGE:
        if input.page is None:
            validator.add_error(UserErrorCode.REQUIRED, "page: name the page of the book.", "page")
        else:
            validator.number(input.page, 1, MAX_PAGES_OF_BOOK, "page")
        return reported, id, input.page
    return reported, id, None


async def _require_object(context: Context, reported: ReportedType, id: UUID, place: int | None) -> None:
    """Raises InvalidInput for what the viewer does not see. Up to two statements."""
    loaders = context.loaders
    name = TYPE_NAMES[reported]
    found: object | None = await load_node(loaders, name, id)
    if found is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, f"{name} not found.", "objectId")
    if reported is ReportedType.BOOK_PAGE:
        found = await loaders.books.page_by_book_id_and_number.load((BookId(id), place or 0))
    elif reported is ReportedType.SENTENCE:
        examples = await loaders.vocabulary.examples_by_vocabulary_id.load(VocabularyId(id))
        found = next((example for example in examples if example.position == place), None)
    if found is None:
        path = "page" if reported is ReportedType.BOOK_PAGE else "position"
        raise invalid_input(UserErrorCode.NOT_FOUND, f"{path}: there is none with the number {place}.", path)
