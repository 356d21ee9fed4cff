"""Advisory locks, arbitrary numbers that nothing else in the database uses."""

# Of two processes that start concurrently, the second waits and finds everything loaded.
CONTENT_LOCK = 7_465_011
# Held during a load of the dictionary, which takes CONTENT_LOCK for each batch.
DICTIONARY_LOCK = 7_465_012
# The session of the process that sends the changes in the outbox. Each batch is sent under 7_465_015.
FLUSHER_LOCK = 7_465_016
