"""The log entries of an exported card other than reviews, as a JSON array."""

from sqlalchemy import cast, text
from sqlalchemy.dialects.postgresql import JSONB

from db.queries.expressions import VIEWER_ID

# The newest ones. A card with more of them is restored by its schedule.
MAX_CHANGES = 300
_COLUMNS = "kind, changed_at, day, due_day, days, details, idempotency_key"
_CHANGED_AT = """to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')"""

# Part of a statement with the parameter viewer_id: the entries of `cards`, and vacations, which are of all cards, since
# its first review; null for none.
CHANGES_OF_CARD = f"""(
    select jsonb_agg(jsonb_build_object('kind', kind, 'changedAt', {_CHANGED_AT}, 'day', day, 'dueDay', due_day,
        'days', days, 'schedule', case when kind = 'IMPORT' then details end, 'idempotencyKey', idempotency_key)
        order by changed_at, idempotency_key)
    from (
        select {_COLUMNS} from (
            select {_COLUMNS} from schedule_changes as changed
            where changed.user_id = :viewer_id and changed.card_id = cards.id and not changed.undone
            union all
            select {_COLUMNS} from schedule_changes as changed
            where changed.user_id = :viewer_id and changed.card_id is null and changed.kind = 'VACATION'
                and not changed.undone and changed.changed_at >= cards.first_reviewed_at
        ) as changes order by changed_at desc, idempotency_key desc limit {MAX_CHANGES}
    ) as changes
)"""  # noqa: S608  # constants are put in, never values
changes_of_card = cast(text(CHANGES_OF_CARD).bindparams(VIEWER_ID), JSONB)
