"""Schedules and study sessions."""

from domain.enums import NewCardMix, NewCardOrder, ParametersSource, Scheduler, StreakFreezeReason
from schema.enum_descriptions import describe_enum

describe_enum(
    Scheduler,
    "Scheduling algorithms.",
    SM2="SuperMemo 2.",
    FSRS="The Free Spaced Repetition Scheduler.",
)
describe_enum(
    NewCardMix,
    "Where new cards stand among the reviews of a study session.",
    MIXED="Spread evenly.",
    FIRST="Before all reviews.",
    LAST="After all reviews.",
)
describe_enum(
    NewCardOrder,
    "The order in which new cards are introduced.",
    LEVEL_AND_FREQUENCY="Words of the easiest level first, and of these the most frequent.",
    AS_ADDED="The oldest card first.",
    RANDOM="A random order that is the same all day on all devices, and another one the next day.",
)
describe_enum(
    StreakFreezeReason,
    "Why a day without reviews does not end a streak.",
    MISSED="The learner has a number of missed days each month.",
    TRAVEL="Another time zone or start of the day ended the day or left less than 12 hours of it.",
    VACATION="The learner is on vacation.",
)
describe_enum(
    ParametersSource,
    "Where parameters come from.",
    DEFAULT="The defaults of FSRS-6.",
    FITTED="Fitted to the learner's reviews.",
)
