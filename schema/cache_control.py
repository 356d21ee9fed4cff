"""Cache policies of fields and types, each with the reason for its lifetime. Fields without a policy are not cached.

Changes invalidate cached values immediately (see docs/caching.md). The lifetimes bound the staleness after changes
without a notification, and how long a proxy that purges by tag may store a public response. Browsers store it for at
most a minute.
"""

from db.queries.books import BookFilter
from db.queries.vocabulary import VocabularyFilter
from domain.enums import BookOrder, CacheControlScope
from schema.directives import CacheControl, SchemaCachePolicies

_MINUTE = 60
_HOUR = 60 * _MINUTE

# Books are rarely edited, and an outdated description is harmless.
BOOKS = CacheControl(max_age=4 * _HOUR)
# Public textbooks rarely change after their generation. Shared values never contain private ones, because they are
# computed in anonymous sessions.
TEXTBOOKS = CacheControl(max_age=4 * _HOUR)
# The dictionary changes only with a new version of its source.
WORDS = CacheControl(max_age=24 * _HOUR)
# Most searches are not repeated.
SEARCHES = CacheControl(max_age=1 * _HOUR)
# Refreshed every hour, and when a book is published.
STATISTICS = CacheControl(max_age=1 * _HOUR)
# Includes the viewer's private textbooks.
OWN_TEXTBOOKS = CacheControl(max_age=5 * _MINUTE, scope=CacheControlScope.PRIVATE)
# Invalidated by every review, and expires when a card becomes due or a day ends, as its queries state.
DASHBOARD = CacheControl(max_age=5 * _MINUTE, scope=CacheControlScope.PRIVATE)
# Invalidated by every change of the viewer's cards and of the book's words.
COVERAGE = CacheControl(max_age=5 * _MINUTE, scope=CacheControlScope.PRIVATE)
# Invalidated whenever the worker has counted. The weeks of cohorts end with the present one.
ANALYTICS = CacheControl(max_age=10 * _MINUTE, scope=CacheControlScope.PRIVATE)

# With these arguments the result depends on the viewer and is not cached.
CACHE_POLICIES = SchemaCachePolicies(
    {
        coordinates: tuple(("filter", name) for name in filter.viewer_fields())
        for coordinates, filter in (
            ("Query.books", BookFilter),
            ("Query.vocabulary", VocabularyFilter),
            ("Query.searchVocabulary", VocabularyFilter),
        )
    },
    {"Query.books": (("order_by", BookOrder.COVERAGE),)},
)
