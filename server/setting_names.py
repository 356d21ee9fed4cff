"""Recognises variables that misspell a setting, or are its former name."""

import difflib
import os
import re
from collections.abc import Collection

# A variable with one of these prefixes that is not a setting is an error. Variables of other programs are ignored.
_PREFIXES = (
    "SHINJP_",
    "CACHE_",
    "DB_",
    "EXPORT_",
    "JWT_",
    "LLM_",
    "OTLP_",
    "MAX_QUERY_",
    "MAX_STREAMS_",
    "STREAM_",
    "WORKER_",
)
# A name that differs by one edit from a setting of at least this many letters is an error, too. Shorter names, such as
# HOSTS and PORTS, belong to other programs.
_MIN_LETTERS = 8
# Former names of settings: those without a known prefix would be ignored.
RENAMED = {
    "CACHE_SHADOW_SHARE": "CACHE_SHADOW_SAMPLE_RATE",
    "CACHE_WARM_UP": "CACHE_WARMUP_FILE",
    "DIRECT_DATABASE_URL": "LISTEN_DATABASE_URL",
    "EXPORT_MAX_SECONDS": "EXPORT_TIMEOUT_SECONDS",
    "GRACEFUL_STOP_SECONDS": "SHUTDOWN_TIMEOUT_SECONDS",
    "SOCKET_INIT_SECONDS": "WS_INIT_TIMEOUT_SECONDS",
    "STREAM_MAX_SECONDS": "STREAM_MAX_LIFETIME_SECONDS",
    "STREAM_PAUSE_SECONDS": "STREAM_KEEPALIVE_SECONDS",
    "WORKER_JOBS": "WORKER_CONCURRENCY",
}
# Former settings without a successor.
REMOVED = {"EXECUTION": "operations are always executed by compiled plans, and by graphql-core as a fallback"}
# Variables of other programs that are one edit away from a setting, and those of options of commands.
_FOREIGN_NAMES = frozenset(("LOGLEVEL", "SHINJP_TOKEN"))
# Kubernetes sets these in every container for every service, such as one called `db` or `cache`.
_SERVICE = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(TCP|UDP|SCTP)\w*)=.*|\w+_PORT=(tcp|udp|sctp)://.*")


def suggest_setting(name: str, known: Collection[str]) -> str | None:
    """Return the setting that a variable misspells or formerly was; None for a variable of another program."""
    if name.upper() in RENAMED:
        return RENAMED[name.upper()]
    if name.upper() in known or name.upper() in _FOREIGN_NAMES or _SERVICE.fullmatch(f"{name}={os.environ[name]}"):
        return None
    for setting in known:
        if sum(map(str.isalpha, setting)) >= _MIN_LETTERS and _is_one_edit_away(name.upper(), setting):
            return setting
    if name.startswith(_PREFIXES):
        return difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return None


def _is_one_edit_away(left: str, right: str) -> bool:
    """Whether the Damerau-Levenshtein distance is 1: one letter inserted, deleted, replaced or transposed."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    return left[1:] in (right, right[1:]) or right[1:] == left or (left[1::-1] == right[:2] and left[2:] == right[2:])
