"""Users and their study settings. Row-level security: user-owned; administrators see all."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    false,
    func,
    literal_column,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import (
    Timestamp,
    changed_in,
    enum_column,
    id_column,
    metadata,
    reference,
    soft_delete,
    timestamps,
    version,
)
from domain.enums import LeechAction, NewCardMix, NewCardOrder, Role, Scheduler
from domain.leeches import MAX_LEECH_THRESHOLD


def _steps(name: str, default: str) -> Column[object]:
    limits = f"cardinality({name}) <= 10 and 1 <= all({name}) and 1440 > all({name})"
    check = CheckConstraint(limits, name=f"{name}_range")
    return Column(name, ARRAY(Integer), check, nullable=False, server_default=text(f"'{default}'"))


users = Table(
    "users",
    metadata,
    id_column(),
    Column("subject", Text, nullable=False, unique=True),
    Column("email", Text, nullable=False),
    # Whether the identity provider states that the address is the user's. Others get no e-mails.
    Column("email_verified", Boolean, nullable=False, server_default=false()),
    Column("display_name", Text, nullable=False),
    # Whether the user chose the name, which tokens then do not change.
    Column("has_chosen_name", Boolean, nullable=False, server_default=false()),
    # A language tag such as `ja-JP`.
    Column("locale", Text),
    enum_column("role", Role),
    # `iat` of the token that set email and display_name; null if it had none.
    Column("claims_issued_at", Timestamp),
    # The block of the account, which refuses its tokens. `blocked_until`: null if it does not expire.
    Column("blocked_at", Timestamp),
    Column("blocked_until", Timestamp),
    Column("blocked_reason", Text),
    # Of the role and the block, which administrators change.
    version(),
    # Updated once an hour at most.
    Column("last_active_at", Timestamp, nullable=False, server_default=func.now()),
    # The time of the last request by the name of the client, updated likewise.
    Column("clients", JSONB, nullable=False, server_default=text("'{}'")),
    *timestamps(),
    soft_delete(),
    CheckConstraint("(blocked_at is null) = (blocked_reason is null)", name="block_complete"),
    CheckConstraint("blocked_until > blocked_at", name="block_period"),
    Index(None, "created_at", "id"),
    Index(None, "last_active_at", "id"),
    Index(None, "display_name", "id"),
    Index(None, "email", "id"),
    Index(None, "role", "created_at", "id"),
)
# Substrings of the name or the e-mail address, for administrators.
Index(
    "ix_users_search",
    func.lower(users.c.display_name + func.chr(literal_column("10")) + users.c.email).label("search"),
    postgresql_using="gin",
    postgresql_ops={"search": "gin_trgm_ops"},
)
Index("ix_users_blocked", users.c.created_at, users.c.id, postgresql_where=users.c.blocked_at.is_not(None))
Index("ix_users_deleted", users.c.created_at, users.c.id, postgresql_where=users.c.deleted_at.is_not(None))

user_settings = Table(
    "user_settings",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    enum_column("scheduler", Scheduler),
    Column(
        "desired_retention",
        Double,
        CheckConstraint("desired_retention between 0.70 and 0.97", name="desired_retention_range"),
        nullable=False,
    ),
    Column(
        "new_cards_per_day",
        Integer,
        CheckConstraint("new_cards_per_day between 0 and 9999", name="new_cards_per_day_range"),
        nullable=False,
    ),
    Column(
        "reviews_per_day",
        Integer,
        CheckConstraint("reviews_per_day between 0 and 9999", name="reviews_per_day_range"),
        nullable=False,
    ),
    Column("time_zone", Text, nullable=False),
    Column(
        "day_starts_at_hour",
        SmallInteger,
        CheckConstraint("day_starts_at_hour between 0 and 23", name="day_starts_at_hour_range"),
        nullable=False,
        server_default=text("4"),
    ),
    # Of FSRS, in minutes.
    _steps("learning_steps", "{1,10}"),
    _steps("relearning_steps", "{10}"),
    Column(
        "max_interval_days",
        Integer,
        CheckConstraint("max_interval_days between 1 and 36500", name="max_interval_days_range"),
        nullable=False,
        server_default=text("36500"),
    ),
    # Earlier time zones and hours with their times, the newest last: a review that a device sends late belongs to the
    # day of its time.
    Column("earlier_days", JSONB, nullable=False, server_default=text("'[]'")),
    enum_column("new_card_mix", NewCardMix, default=NewCardMix.MIXED),
    enum_column("new_card_order", NewCardOrder, default=NewCardOrder.LEVEL_AND_FREQUENCY),
    # The share of reviews on each weekday, Monday first.
    Column(
        "easy_days",
        ARRAY(Double),
        CheckConstraint(
            "cardinality(easy_days) = 7 and 0 <= all(easy_days) and 1 >= all(easy_days)", name="easy_days_range"
        ),
        nullable=False,
        server_default=text("'{1,1,1,1,1,1,1}'"),
    ),
    # Whether only one card of a word or kanji is shown on a day.
    Column("bury_siblings", Boolean, nullable=False, server_default=true()),
    # How many missed days of a month do not end a streak.
    Column(
        "streak_freezes_per_month",
        SmallInteger,
        CheckConstraint("streak_freezes_per_month between 0 and 10", name="streak_freezes_per_month_range"),
        nullable=False,
        server_default=text("0"),
    ),
    # The days, missed ones among them, that ended a streak before the number of freezes changed; the last is excluded.
    Column("streak_ended_from", Date),
    Column("streak_ended_until", Date),
    # The lapses from which a card is a leech; 0 for none.
    Column(
        "leech_threshold",
        SmallInteger,
        CheckConstraint(f"leech_threshold between 0 and {MAX_LEECH_THRESHOLD}", name="leech_threshold_range"),
        nullable=False,
        server_default=text("8"),
    ),
    enum_column("leech_action", LeechAction, default=LeechAction.MARK_ONLY),
    # The time of the newest vacation in the log of all cards, which may be in the future.
    Column("vacation_at", Timestamp),
    # Of FSRS-6; null for its defaults.
    Column(
        "fsrs_parameters",
        ARRAY(Double),
        CheckConstraint("cardinality(fsrs_parameters) = 21", name="fsrs_parameters_size"),
    ),
    *timestamps(),
    changed_in(),
)

# The newest fit of parameters of FSRS. Its evaluation is of the reviews that it did not use.
scheduling_fits = Table(
    "scheduling_fits",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    Column("fitted_at", Timestamp, nullable=False),
    Column("reviews", Integer, nullable=False),
    # Whether its parameters are used.
    Column("is_kept", Boolean, nullable=False),
    Column("log_loss", Double, nullable=False),
    Column("rmse", Double, nullable=False),
    # Of the parameters that were used before.
    Column("previous_log_loss", Double, nullable=False),
    Column("previous_rmse", Double, nullable=False),
    Column("optimal_retention", Double, nullable=False),
)
