"""Maximum sizes of lists without pagination. The cost analysis assumes these sizes."""

# Enforced by table constraints.
MAX_MEANINGS = 15
# In characters. `@cost` has the weights of strings.
MAX_MEANING_LENGTH = 300
MAX_ONYOMI, MAX_KUNYOMI, MAX_NANORI = 8, 20, 25
MAX_VARIANTS, MAX_COMPONENTS, MAX_STROKES = 8, 16, 34
MAX_EXAMPLES = 3
MAX_KANJI_OF_WORD = 18
MAX_FORMS, MAX_TAGS = 24, 4
MAX_SENSES, MAX_GLOSSES, MAX_FORMS_OF_SENSE = 30, 16, 8
MAX_PARTS_OF_SPEECH, MAX_FIELDS, MAX_LABELS, MAX_DIALECTS = 8, 4, 6, 4
MAX_INFLECTIONS = 12
# Enforced by the analysis of text; longer sentences are cut.
MAX_TOKENS_OF_SENTENCE = 25
MAX_SENTENCES = 200
DEFAULT_SENTENCES = 50
MAX_FURIGANA, MAX_KANJI_OF_TOKEN, MAX_INFLECTIONS_OF_TOKEN = 6, 8, 8
# More than any example sentence has characters.
MAX_TOKENS_OF_EXAMPLE = 80
MAX_TOPICS = 20
MAX_CHAPTERS = 50
# Stored for a textbook and for a learner: those that are deleted count until they are purged.
MAX_STORED_CHAPTERS, MAX_STORED_TEXTBOOKS = 100, 200
MAX_WORDS_OF_CHAPTER = 16
MAX_PAGES_OF_BOOK = 100_000
# As many as one `createCards` takes.
MAX_WORDS_TO_LEARN = 1_000
DEFAULT_WORDS_TO_LEARN = 100

# Newest corrections of a word or kanji, and the fields of one.
MAX_CORRECTIONS, MAX_CORRECTED_FIELDS = 5, 4
# Of a revision: more than any object has.
MAX_CHANGED_FIELDS = 20
# Of a payload; further errors are omitted.
MAX_ERRORS = 50
# ("reviews", "3", "quality") and one more segment.
MAX_ERROR_PATH = 4

# LIMIT clauses of statements.
MAX_UNUSED_INDEXES = 100
MAX_DEPRECATED_USAGES = 500
MAX_SCHEMA_USAGES = 500

# In `content/textbook_topics.toml`.
MAX_TEXTBOOK_TOPICS = 100

MAX_HEALTH_CHECKS = 10
# Periodic tasks, of which there is one for each kind of work.
MAX_SCHEDULES = 50
# The newest changes of a job.
MAX_LOG_ENTRIES_OF_JOB = 50
# Jobs that an administrator retries with one mutation, which takes about 10 ms for each.
MAX_RETRIED_JOBS = 100
# Names of clients that are stored for a user; clients choose their names.
MAX_CLIENTS_OF_USER = 20
# Cached fields of the schema.
MAX_CACHED_FIELDS = 200
# Inclusive of both ends.
MAX_ANALYTICS_DAYS = 367
# The weeks in which these days can be.
MAX_COHORTS = 54
# A year after the sign-up.
MAX_WEEKS_OF_COHORT = 53
MAX_PURGED_TAGS = 100
# Of the input of mutations.
MAX_CHANGED_CARDS = 1_000
# More than any level has words.
MAX_CREATED_CARDS = 5_000
