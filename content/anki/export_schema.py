"""The parts of an exported collection that are the same for all learners: tables, note types and settings.

Schema 11, which every version of Anki since 2.1 imports.
"""

from collections.abc import Sequence
from typing import Any

import orjson

TABLES = """
CREATE TABLE col (id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
    ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL,
    models text NOT NULL, decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
    usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL, csum integer NOT NULL,
    flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
    mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL, due integer NOT NULL,
    ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL, lapses integer NOT NULL,
    left integer NOT NULL, odue integer NOT NULL, odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
    ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
    type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
"""
INDEXES = """
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_notes_csum ON notes (csum);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_revlog_cid ON revlog (cid);
"""

SCHEMA_VERSION = 11
# Ids are times of creation in milliseconds. These never change, so that an import into Anki updates what an earlier
# one created.
WORD_NOTE_TYPE_ID, KANJI_NOTE_TYPE_ID, DECK_ID = 1_795_000_000_001, 1_795_000_000_002, 1_795_000_000_003
_DEFAULT_DECK_ID = _DEFAULT_OPTIONS_ID = 1
DECK = "ShinJP"

# The last ones say which cards a note has: Anki creates the cards of all templates whose question is not empty.
FIELDS = ("Expression", "Reading", "Meaning", "Level", "Sentence", "Add recognition", "Add recall", "Add reading")
_FIRST_SELECTOR = FIELDS.index("Add recognition")
# Name, question and answer, in the order of the kinds of cards.
_TEMPLATES = (
    (
        "Recognition",
        "{{#Add recognition}}{{Expression}}{{/Add recognition}}",
        "{{FrontSide}}<hr id=answer>{{Reading}}<br>{{Meaning}}<br>{{Sentence}}",
    ),
    (
        "Recall",
        "{{#Add recall}}{{Meaning}}{{/Add recall}}",
        "{{FrontSide}}<hr id=answer>{{Expression}}<br>{{Reading}}<br>{{Sentence}}",
    ),
    (
        "Reading",
        "{{#Add reading}}{{Expression}}{{/Add reading}}",
        "{{FrontSide}}<hr id=answer>{{Reading}}<br>{{Meaning}}<br>{{Sentence}}",
    ),
)
_STYLE = ".card { font-family: sans-serif; font-size: 28px; text-align: center; }"


def note_types() -> bytes:
    named = {WORD_NOTE_TYPE_ID: "ShinJP word", KANJI_NOTE_TYPE_ID: "ShinJP kanji"}
    return orjson.dumps({str(id): _note_type(id, name) for id, name in named.items()})


def decks() -> bytes:
    named = {_DEFAULT_DECK_ID: "Default", DECK_ID: DECK}
    return orjson.dumps({str(id): _deck(id, name) for id, name in named.items()})


def settings(minutes_west: int, day_starts_at_hour: int) -> bytes:
    return orjson.dumps(
        {
            "schedVer": 2,
            "sched2021": True,
            "creationOffset": minutes_west,
            "localOffset": minutes_west,
            "rollover": day_starts_at_hour,
            "curDeck": DECK_ID,
            "activeDecks": [DECK_ID],
            "nextPos": 1,
        }
    )


def options(learning_steps: Sequence[int], relearning_steps: Sequence[int], desired_retention: float) -> bytes:
    """Of the decks. Steps are minutes."""
    return orjson.dumps(
        {
            str(_DEFAULT_OPTIONS_ID): {
                "id": _DEFAULT_OPTIONS_ID,
                "name": "Default",
                "mod": 0,
                "usn": 0,
                "maxTaken": 60,
                "autoplay": True,
                "timer": 0,
                "replayq": True,
                "dyn": False,
                "desiredRetention": desired_retention,
                "new": {
                    "bury": False,
                    "delays": list(learning_steps),
                    "initialFactor": 2500,
                    "ints": [1, 4, 0],
                    "order": 1,
                    "perDay": 20,
                },
                "rev": {
                    "bury": False,
                    "ease4": 1.3,
                    "ivlFct": 1,
                    "maxIvl": 36500,
                    "perDay": 200,
                    "hardFactor": 1.2,
                },
                "lapse": {
                    "delays": list(relearning_steps),
                    "leechAction": 0,
                    "leechFails": 8,
                    "minInt": 1,
                    "mult": 0,
                },
            }
        }
    )


def _note_type(id: int, name: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "type": 0,
        "mod": 0,
        "usn": 0,
        "sortf": 0,
        "did": DECK_ID,
        "css": _STYLE,
        "latexPre": "",
        "latexPost": "",
        "flds": [
            {"name": field, "ord": number, "sticky": False, "rtl": False, "font": "Arial", "size": 20}
            for number, field in enumerate(FIELDS)
        ],
        "tmpls": [
            {
                "name": template,
                "ord": number,
                "qfmt": question,
                "afmt": answer,
                "did": None,
                "bqfmt": "",
                "bafmt": "",
            }
            for number, (template, question, answer) in enumerate(_TEMPLATES)
        ],
        # Which fields a question needs.
        "req": [[number, "all", [_FIRST_SELECTOR + number]] for number in range(len(_TEMPLATES))],
    }


def _deck(id: int, name: str) -> dict[str, Any]:
    today = [0, 0]
    return {
        "id": id,
        "name": name,
        "mod": 0,
        "usn": 0,
        "desc": "",
        "dyn": 0,
        "conf": _DEFAULT_OPTIONS_ID,
        "collapsed": False,
        "browserCollapsed": False,
        "extendNew": 0,
        "extendRev": 0,
        "newToday": today,
        "revToday": today,
        "lrnToday": today,
        "timeToday": today,
    }
