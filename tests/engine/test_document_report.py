"""Reports on documents before clients use them."""

from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.document_report import report_document
from tests.engine.sdl_costs import costs_of
from tests.engine.test_used_parts import SCHEMA


def test_report_has_operation_and_deprecated_parts() -> None:
    documents = DocumentCache(costs_of(SCHEMA), max_tokens=100)
    report = report_document(documents, Limits(5, 5, 100), "query Old { old }")
    assert (report.problems, report.operation, report.kind) == ([], "Old", "query")
    assert report.deprecated == ("Query.old",)
