"""Statements that insert texts to be analysed, add their parts, and delete old ones."""

from sqlalchemy import Integer, Text, bindparam, case, cast, delete, insert, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID, any_of
from db.tables.analyzed_texts import analyzed_text_parts, analyzed_texts
from db.tables.jobs import jobs
from domain.jobs import TERMINAL

_TEXT_ID = bindparam("text_id", type_=UUID)

# Parameters: id, job_id, text, length, viewer_id, now.
insert_text = Command(
    insert(analyzed_texts).values(
        id=bindparam("id", type_=UUID),
        user_id=VIEWER_ID,
        job_id=bindparam("job_id", type_=UUID),
        remaining=bindparam("text", type_=Text),
        length=bindparam("length", type_=Integer),
        created_at=NOW,
    ),
    Row,
)

_is_finished = any_of(jobs.c.status, cast(sorted(status.value for status in TERMINAL), ARRAY(Text)))
# Deletes the viewer's oldest texts except `kept` ones. Texts of unfinished jobs are the last to go.
# Parameters: viewer_id, kept.
delete_oldest_texts = Command(
    delete(analyzed_texts).where(
        analyzed_texts.c.user_id == VIEWER_ID,
        analyzed_texts.c.id.in_(
            select(analyzed_texts.c.id)
            .select_from(analyzed_texts.join(jobs, jobs.c.id == analyzed_texts.c.job_id))
            .where(analyzed_texts.c.user_id == VIEWER_ID)
            .order_by(_is_finished, analyzed_texts.c.id.desc())
            .offset(bindparam("kept", type_=Integer))
        ),
    ),
    Row,
)

new_parts = UnnestedRows("new_parts", {"number": Integer(), "text": Text()})
# Parameters: text_id, and new_parts.
insert_parts = Command(
    insert(analyzed_text_parts).from_select(
        ["text_id", "number", "text"], select(_TEXT_ID, new_parts.table.c.number, new_parts.table.c.text)
    ),
    Row,
)

_COUNTS = ("part_count", "sentence_count", "word_count", "unknown_word_count")
_REMAINING = bindparam("remaining", type_=Text)
# Adds the counts of new parts. Parameters: text_id, now, remaining (null completes the text), and added_… for each
# count.
add_counts = Command(
    update(analyzed_texts)
    .values(
        remaining=_REMAINING,
        completed_at=case((_REMAINING.is_(None), NOW), else_=null()),
        **{name: analyzed_texts.c[name] + bindparam(f"added_{name}", type_=Integer) for name in _COUNTS},
    )
    .where(analyzed_texts.c.user_id == VIEWER_ID, analyzed_texts.c.id == _TEXT_ID),
    Row,
)
