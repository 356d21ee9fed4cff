"""Conditions of the filter of statistics, for statements as text. A list that is null does not filter."""

from sqlalchemy import Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

LEVELS, KINDS = (bindparam(name, type_=ARRAY(Text)) for name in ("levels", "kinds"))

# Of rows with the columns jlpt_level, which is empty for words and kanji in no list, and kind. Parameters: levels and
# kinds.
IS_CHOSEN = """(
        (cast(:levels as text[]) is null or jlpt_level = any(:levels))
        and (cast(:kinds as text[]) is null or kind = any(:kinds))
    )"""

# Of cards. Parameters: levels, kinds.
IS_CHOSEN_CARD = """(
    (
        cast(:levels as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any(:levels))
        or kanji_id in (select id from kanji where jlpt_level = any(:levels))
    ) and (cast(:kinds as text[]) is null or kind = any(:kinds))
)"""

# Of cards. Parameters: viewer_id, tags.
HAS_TAG = "id in (select card_id from card_tags where user_id = :viewer_id and tag = any(:tags))"
