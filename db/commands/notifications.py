"""Statements that create notifications, mark them as read, and change preferences."""

from typing import Any

from sqlalchemy import Boolean, Integer, Text, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID, any_of, row_columns
from db.queries.notifications import NotificationRow, PreferenceRow
from db.tables.notifications import notification_preferences, notifications
from db.tables.users import users
from domain.notifications import MAX_MARKED

_SUBJECTS = ("job_ids", "textbook_ids", "assignment_ids")

# Ignores deleted accounts, users who want it by no channel, and causes of earlier notifications. E-mails are sent to
# verified addresses only. Runs as the viewer, for their own notifications, or as the owner of the tables. Parameters:
# those of `db.services.notifications`, now.
insert_notifications = Command(
    text("""
with wanted as (
    select new.*, coalesce(app.is_enabled, :default_in_app) as in_app,
        email_verified and coalesce(mail.is_enabled, :default_email) as by_email
    from unnest(:ids, :user_ids, :causes, :job_ids, :textbook_ids, :assignment_ids, :streak_days) as new (
        id, user_id, cause, job_id, textbook_id, assignment_id, streak_days
    )
    join users on users.id = new.user_id and deleted_at is null
    left join notification_preferences as app
        on app.user_id = new.user_id and app.kind = :kind and app.channel = 'IN_APP'
    left join notification_preferences as mail
        on mail.user_id = new.user_id and mail.kind = :kind and mail.channel = 'EMAIL'
),
inserted as (
    insert into notifications (
        id, user_id, kind, cause, job_id, textbook_id, assignment_id, streak_days, in_app, created_at
    )
    select id, user_id, :kind, cause, job_id, textbook_id, assignment_id, streak_days, in_app, :now
    from wanted where in_app or by_email
    on conflict (user_id, kind, cause) do nothing
    returning id
)
insert into emails (notification_id, user_id, next_attempt_at, created_at, updated_at)
select id, user_id, :now, :now, :now from inserted join wanted using (id) where by_email
""").bindparams(
        *(bindparam(name, type_=ARRAY(UUID)) for name in ("ids", "user_ids", *_SUBJECTS)),
        bindparam("causes", type_=ARRAY(Text)),
        bindparam("streak_days", type_=ARRAY(Integer)),
        bindparam("kind", type_=Text),
        *(bindparam(name, type_=Boolean) for name in ("default_in_app", "default_email")),
        NOW,
    ),
    Row,
)

_marked = (
    update(notifications)
    .values(read_at=NOW)
    .where(
        notifications.c.user_id == VIEWER_ID,
        notifications.c.in_app,
        notifications.c.read_at.is_(None),
        or_(
            any_of(notifications.c.id, bindparam("ids", type_=ARRAY(UUID))),
            notifications.c.id <= bindparam("up_to", type_=UUID),
        ),
    )
    .returning(*row_columns(notifications, NotificationRow))
    .cte("marked")
)
# Returns the newest ones, newest first. Parameters: ids, up_to, now.
mark_read = Command(select(_marked).order_by(_marked.c.id.desc()).limit(MAX_MARKED), NotificationRow)

changed_preferences = UnnestedRows("preference", {"kind": Text(), "channel": Text(), "is_enabled": Boolean()})
_changed: Any = changed_preferences.table
# None for an account that was erased, as links in old e-mails name.
_saved = insert(notification_preferences).from_select(
    ["user_id", "kind", "channel", "is_enabled"],
    select(VIEWER_ID, *_changed.c).select_from(_changed.join(users, users.c.id == VIEWER_ID)),
)
# Parameters: `changed_preferences`, each pair of kind and channel once.
save_preferences = Command(
    _saved.on_conflict_do_update(
        index_elements=["user_id", "kind", "channel"],
        set_={"is_enabled": _saved.excluded.is_enabled, "updated_at": func.now()},
    ),
    PreferenceRow,
)
