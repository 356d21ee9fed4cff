"""Query for the keys under which the search finds words."""

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.cache_tags import list_tags
from db.core.statement import Query, Row


class SearchKeyRow(Row):
    """A key under which the search finds a word."""

    __slots__ = ()
    key: str


# Which of some keys find a word. Parameter: keys.
known_search_keys = Query(
    text("""
select key from unnest(:keys) as wanted (key) where exists (select from search_keys where search_keys.key = wanted.key)
""").bindparams(bindparam("keys", type_=ARRAY(Text))),
    SearchKeyRow,
    rls_scoped=False,
    cache_tags=[list_tags("vocabulary")],
)
