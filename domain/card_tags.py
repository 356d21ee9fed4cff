"""Limits of flags and tags of cards."""

# Colors, as in Anki; 0 is none.
MAX_FLAG = 7

MAX_TAG_LENGTH = 50
