"""Which tables a distributed deployment keeps where. All others stay on the coordinator."""

# By `user_id`: the rows of a learner are on one server, and a statement of the learner is one task.
# A table is listed after those that it refers to.
DISTRIBUTED_TABLES = (
    "user_settings",
    "scheduling_fits",
    "custom_vocabulary",
    "cards",
    "card_contexts",
    "card_tags",
    "reviews",
    "schedule_changes",
    "review_keys",
    "review_days",
    "limit_extensions",
    "import_keys",
    "statistics_days",
    "review_statistics",
    "card_count_changes",
    "card_counts",
    "counted_cards",
    "card_statistics",
    "reading_progress",
    "chapter_progress",
    "exercise_attempts",
    "tombstones",
)

# On every server, because statements of learners join them with the tables above.
REFERENCE_TABLES = ("vocabulary", "kanji")
