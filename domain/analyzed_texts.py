"""Limits of texts that are analysed by a job."""

MAX_TEXT_LENGTH = 200_000
# In characters: as many as a page of a book, so that the tokens of several parts are within the cost of an operation.
MAX_PART_LENGTH = 600
# Per learner. The oldest text is deleted for a new one.
MAX_TEXTS = 20
# Per learner. The longest text takes a worker some three seconds of CPU time.
MAX_UNFINISHED = 3
