"""How long, and for whom, results are kept: each time with its reason. What is not named here is not kept.

Whatever changes is known at once: see docs/caching.md. The times say how long what nobody told could go on, and how
long a proxy that is purged by tags may keep a public answer. Browsers keep one for a minute at most.
"""

from db.queries.books import BookFilter
from db.queries.vocabulary import VocabularyFilter
from domain.enums import CacheControlScope
from schema.directives import CacheControl, DeclaredPolicies

_MINUTE = 60
_HOUR = 60 * _MINUTE

# Books are edited now and then, and a reader who sees yesterday's description loses nothing.
BOOKS = CacheControl(max_age=4 * _HOUR)
# Public ones hardly change once they are written. Private ones are never kept for others: who is nobody reads them.
TEXTBOOKS = CacheControl(max_age=4 * _HOUR)
# The dictionary changes with a new edition of its source, once in months.
WORDS = CacheControl(max_age=24 * _HOUR)
# Of the millions of texts that people type, what is not typed again within the hour had better make room.
SEARCHES = CacheControl(max_age=1 * _HOUR)
# Counted anew every hour, and when a book is published.
STATISTICS = CacheControl(max_age=1 * _HOUR)
# Public textbooks with the viewer's own among them.
OWN_TEXTBOOKS = CacheControl(max_age=5 * _MINUTE, scope=CacheControlScope.PRIVATE)
# It changes with every review, which is known at once, and when a card comes due or a day ends, which its queries say.
DASHBOARD = CacheControl(max_age=5 * _MINUTE, scope=CacheControlScope.PRIVATE)

# With these arguments a result depends on the viewer and is not cached.
POLICIES = DeclaredPolicies(
    {
        coordinates: tuple(("filter", name) for name in filter.viewer_fields())
        for coordinates, filter in (
            ("Query.books", BookFilter),
            ("Query.vocabulary", VocabularyFilter),
            ("Query.searchVocabulary", VocabularyFilter),
        )
    }
)
