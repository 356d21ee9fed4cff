"""How long lists can be that no argument makes shorter. The cost of an operation counts them with these sizes."""

# Constraints of the tables hold these.
MAX_MEANINGS = 15
MAX_ONYOMI, MAX_KUNYOMI = 8, 20
MAX_EXAMPLES = 3
MAX_KANJI_OF_WORD = 6
MAX_TOPICS = 20
MAX_CHAPTERS = 50
MAX_WORDS_OF_CHAPTER = 16

# Of a payload: who has more to mend is told the first ones.
MAX_ERRORS = 50
# ("reviews", "3", "quality"), and one more.
MAX_ERROR_PATH = 4

# Statements have these as their limits.
MAX_UNUSED_INDEXES = 100
MAX_DEPRECATED_USAGES = 500

MAX_HEALTH_CHECKS = 10
# Fields of the schema whose values are kept.
MAX_CACHED_FIELDS = 200
# From the first day to the last, both included.
MAX_ANALYTICS_DAYS = 367
MAX_PURGED_TAGS = 100
# Of a level: more than any has words.
MAX_CREATED_CARDS = 5_000
