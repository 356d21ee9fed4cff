"""All statements of the project, for tests that walk over them."""

import gc
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import db.commands
import db.queries
from db.core.pagination import PagedQuery
from db.core.statement import Statement
from db.queries.books import BookFilter, paged_books
from db.queries.card_lists import paged_cards
from db.queries.cards import CardFilter
from db.queries.cram import cram_cards, cram_counts
from db.queries.exports import build_export
from db.queries.reviews import ReviewFilter, paged_reviews
from db.queries.sentences import paged_sentences
from db.queries.study import StudyFilter, study_cards, study_counts
from db.queries.vocabulary import VocabularyFilter, paged_vocabulary
from domain.enums import BookOrder, ExportFormat, ExportKind, NewCardOrder, Scheduler


def named_statements() -> list[tuple[str | None, Statement[Any]]]:
    """Every statement, with its name or that of the function that built it; other pages of lists have no name."""
    named = [*_named(), *_variants()]
    names = {id(statement): name for name, statement in named}
    # Frozen objects are not listed: those of the modules that earlier test files imported. The end of the file freezes
    # them again.
    gc.unfreeze()
    statements = [value for value in gc.get_objects() if isinstance(value, Statement)]
    assert names.keys() <= {id(statement) for statement in statements}
    found = [(names.get(id(statement)), statement) for statement in statements]
    known = {id(statement) for statement in statements}
    # Those of distributed databases, which exist from the first use of a query on.
    return found + [
        (name, statement.distributed)
        for name, statement in found
        if statement.distributed is not None and id(statement.distributed) not in known
    ]


def _variants() -> Iterator[tuple[str, Statement[Any]]]:
    """Statements that functions build, for which modules have no names."""
    queries = "db.queries"
    pages: list[tuple[str, PagedQuery[Any]]] = [
        ("cards.paged_cards", paged_cards(CardFilter())),
        ("reviews.paged_reviews", paged_reviews(ReviewFilter())),
        *(("vocabulary.paged_vocabulary", paged_vocabulary(VocabularyFilter(has_card=has))) for has in (True, False)),
        ("sentences.paged_sentences", paged_sentences(known=True)),
        *(("books.paged_books", paged_books(BookFilter(), order, includes_unpublished=False)) for order in BookOrder),
    ]
    for name, page in pages:
        yield f"{queries}.{name}", page.count
    for bury in (True, False):
        yield f"{queries}.study.study_counts", study_counts(StudyFilter(), bury=bury)
    yield f"{queries}.cram.cram_counts", cram_counts(StudyFilter())
    for scheduler in Scheduler:
        for order in NewCardOrder:
            yield f"{queries}.cram.cram_cards", cram_cards(StudyFilter(), scheduler, order)
            for bury in (True, False):
                yield f"{queries}.study.study_cards", study_cards(StudyFilter(), scheduler, order, bury=bury)
    for kind in (ExportKind.CARDS, ExportKind.REVIEWS):
        export = build_export(kind, ExportFormat.CSV)
        yield f"{queries}.exports.build_export.{kind.lower()}", export.lines
        yield f"{queries}.exports.build_export.{kind.lower()}.count", export.count


def _named() -> Iterator[tuple[str, Statement[Any]]]:
    for package in (db.queries, db.commands):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, Statement):
                    yield f"{module.name}.{name}", value
                    if value.distributed is not None:
                        yield f"{module.name}.{name}", value.distributed
                else:
                    counts = (getattr(value, name, None) for name in ("count", "counts"))
                    yield from ((f"{module.name}.{name}", found) for found in counts if isinstance(found, Statement))
