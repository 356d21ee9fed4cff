"""Schedules, study sessions and statistics."""

from enum import StrEnum


class Scheduler(StrEnum):
    """Scheduling algorithms."""

    SM2 = "SM2"
    FSRS = "FSRS"


class StatisticsUnit(StrEnum):
    """The length of the periods of statistics. Weeks start on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class NewCardMix(StrEnum):
    """Where new cards stand among the reviews of a study session."""

    MIXED = "MIXED"
    FIRST = "FIRST"
    LAST = "LAST"


class NewCardOrder(StrEnum):
    """The order in which new cards are introduced. RANDOM: differs by learner and day."""

    LEVEL_AND_FREQUENCY = "LEVEL_AND_FREQUENCY"
    AS_ADDED = "AS_ADDED"
    RANDOM = "RANDOM"


class ScheduleChangeKind(StrEnum):
    """Log entries other than reviews, of one card or of all.

    RESET: the card is new again; its log stays. RESCHEDULE: an overdue card is due on `due_day`. BURY: the card is not
    due before `due_day`. UNBURY: earlier entries of the kind BURY whose `due_day` is after the entry's day have no
    effect. VACATION: cards due on the entry's day or later are due `days` later. SETTINGS: the algorithm, its
    parameters or the retention changed; all cards are computed with the newest settings. IMPORT: the card has the
    schedule of another program, whose reviews are not in the log.
    """

    RESET = "RESET"
    RESCHEDULE = "RESCHEDULE"
    BURY = "BURY"
    UNBURY = "UNBURY"
    VACATION = "VACATION"
    SETTINGS = "SETTINGS"
    IMPORT = "IMPORT"


class StreakFreezeReason(StrEnum):
    """Why a day without reviews does not end a streak."""

    MISSED = "MISSED"
    TRAVEL = "TRAVEL"
    VACATION = "VACATION"


class ParametersSource(StrEnum):
    """Where the parameters of FSRS come from."""

    DEFAULT = "DEFAULT"
    FITTED = "FITTED"
