"""Reads JMdict from the SQLite database of the package `jamdict-data`, an extra that may not be installed.

The package has the descriptions of JMdict's codes in place of the codes.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from domain.dictionary import UNUSUAL_TAGS, Dialect, FormTag, PartOfSpeech, SubjectField, UsageLabel

_PACKAGE = "jamdict-data"

# JMdict marks forms with these tags as common (P).
_COMMON = frozenset({"news1", "ichi1", "spec1", "spec2", "gai1"})

_Code = TypeVar("_Code", PartOfSpeech, SubjectField, UsageLabel, Dialect, FormTag)


@dataclass(frozen=True, slots=True)
class Form:
    """A spelling or a reading.

    `priorities`: JMdict's frequency tags, such as news1 and nf12. `spellings`: of a reading, the spellings that it
    belongs to; empty for all of them. `is_reading`: False for kana that are no reading of the spellings.
    """

    text: str
    priorities: tuple[str, ...]
    tags: tuple[FormTag, ...]
    spellings: tuple[str, ...] = ()
    is_reading: bool = True

    @property
    def is_common(self) -> bool:
        return not _COMMON.isdisjoint(self.priorities)

    @property
    def is_unusual(self) -> bool:
        return not UNUSUAL_TAGS.isdisjoint(self.tags)


@dataclass(frozen=True, slots=True)
class Sense:
    """A meaning. `forms`: the spellings and readings that have it; empty for all of them."""

    parts_of_speech: tuple[PartOfSpeech, ...]
    fields: tuple[SubjectField, ...]
    labels: tuple[UsageLabel, ...]
    dialects: tuple[Dialect, ...]
    glosses: tuple[str, ...]
    note: str | None
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JmdictEntry:
    """An entry. All have a reading and a sense. The first forms are the most common."""

    id: int
    spellings: tuple[Form, ...]
    readings: tuple[Form, ...]
    senses: tuple[Sense, ...]

    def readings_of(self, spelling: str) -> list[Form]:
        """Return the readings of a spelling, most common first."""
        return [form for form in self.readings if form.is_reading and spelling in (form.spellings or (spelling,))]


def database_path() -> Path | None:
    """Return the database of the package, None if it is not installed."""
    package = find_spec("jamdict_data")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).with_name("jamdict.db")
    return path if path.exists() else None


def edition() -> str:
    """Return the edition as a part of fingerprints."""
    if database_path() is None:
        return "no JMdict"
    try:
        return f"{_PACKAGE} {version(_PACKAGE)}"
    except PackageNotFoundError:
        return _PACKAGE


class Jmdict:
    """Create it with `open_jmdict`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("create temporary table wanted (idseq integer primary key)")

    def ids(self) -> list[int]:
        """Return the ids of all entries in ascending order."""
        return [id for (id,) in self._connection.execute("select idseq from Entry order by idseq")]

    def entries(self, ids: Iterable[int]) -> Iterator[JmdictEntry]:
        """Yield the entries with these ids, in ascending order."""
        self._want(ids)
        spellings, readings, senses = self._spellings(), self._readings(), self._senses()
        for (id,) in self._connection.execute("select idseq from wanted order by idseq").fetchall():
            yield JmdictEntry(id, tuple(spellings[id]), tuple(readings[id]), tuple(senses[id]))

    def spellings(self, ids: Iterable[int]) -> list[str]:
        """Return all spellings of the entries with these ids."""
        self._want(ids)
        return [text for (text,) in self._wanted("select text from wanted join Kanji using (idseq)")]

    def ids_by_form(self, texts: Iterable[str]) -> dict[str, set[int]]:
        """Return the ids of the entries that have a spelling or reading, by its text."""
        self._connection.execute("create temporary table if not exists texts (text text primary key)")
        self._connection.execute("delete from texts")
        self._connection.executemany("insert or ignore into texts values (?)", ((text,) for text in texts))
        found: dict[str, set[int]] = defaultdict(set)
        for table in ("Kanji", "Kana"):
            for text, id in self._connection.execute(f"select text, idseq from texts join {table} using (text)"):
                found[text].add(id)
        return found

    def _want(self, ids: Iterable[int]) -> None:
        self._connection.execute("delete from wanted")
        self._connection.executemany("insert or ignore into wanted values (?)", ((id,) for id in ids))

    def _spellings(self) -> dict[int, list[Form]]:
        tags, priorities = self._of_forms("Kanji", "KJI"), self._of_forms("Kanji", "KJP")
        forms: dict[int, list[Form]] = defaultdict(list)
        for id, form, text in self._wanted("select idseq, ID, text from wanted join Kanji using (idseq) order by ID"):
            forms[id].append(Form(text, tuple(priorities.get(form, ())), _codes(FormTag, tags.get(form, ()))))
        return forms

    def _readings(self) -> dict[int, list[Form]]:
        tags, priorities = self._of_forms("Kana", "KNI"), self._of_forms("Kana", "KNP")
        spellings = self._of_forms("Kana", "KNR")
        forms: dict[int, list[Form]] = defaultdict(list)
        for id, form, text, is_other in self._wanted(
            "select idseq, ID, text, nokanji from wanted join Kana using (idseq) order by ID"
        ):
            forms[id].append(
                Form(
                    text,
                    tuple(priorities.get(form, ())),
                    _codes(FormTag, tags.get(form, ())),
                    tuple(spellings.get(form, ())),
                    not is_other,
                )
            )
        return forms

    def _senses(self) -> dict[int, list[Sense]]:
        names = ("pos", "field", "misc", "dialect", "SenseGloss", "SenseInfo", "stagk", "stagr")
        pos, field, misc, dialect, gloss, note, spelling, reading = (self._of_senses(name) for name in names)
        senses: dict[int, list[Sense]] = defaultdict(list)
        for id, sense in self._wanted("select idseq, ID from wanted join Sense using (idseq) order by ID"):
            before = senses[id][-1].parts_of_speech if senses[id] else ()
            senses[id].append(
                Sense(
                    # A sense without parts of speech has those of the one before it.
                    _codes(PartOfSpeech, pos.get(sense, ())) or before,
                    _codes(SubjectField, field.get(sense, ())),
                    _codes(UsageLabel, misc.get(sense, ())),
                    _codes(Dialect, dialect.get(sense, ())),
                    tuple(dict.fromkeys(gloss.get(sense, ()))),
                    " ".join("; ".join(note.get(sense, ())).split()) or None,
                    (*spelling.get(sense, ()), *reading.get(sense, ())),
                )
            )
        return senses

    def _of_forms(self, forms: str, table: str) -> dict[int, list[str]]:
        return self._grouped(f"""
            select {forms}.ID, {table}.text
            from wanted join {forms} using (idseq) join {table} on kid = {forms}.ID order by {table}.rowid
        """)

    def _of_senses(self, table: str) -> dict[int, list[str]]:
        return self._grouped(f"""
            select Sense.ID, {table}.text
            from wanted join Sense using (idseq) join {table} on sid = Sense.ID order by {table}.rowid
        """)

    def _grouped(self, statement: str) -> dict[int, list[str]]:
        values: dict[int, list[str]] = defaultdict(list)
        for key, text in self._wanted(statement):
            values[key].append(text)
        return values

    def _wanted(self, statement: str) -> Iterator[Any]:
        yield from self._connection.execute(statement)


@contextmanager
def open_jmdict(path: Path) -> Iterator[Jmdict]:
    """Open the database read-only."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield Jmdict(connection)


def _codes(codes: type[_Code], labels: Sequence[str]) -> tuple[_Code, ...]:
    """Return the codes with these descriptions. Raises LookupError for one that is not known."""
    known = _BY_LABEL[codes]
    return tuple(known[label] for label in labels) if labels else ()


_BY_LABEL: dict[type, dict[str, Any]] = {
    codes: {code.label: code for code in codes} for codes in (PartOfSpeech, SubjectField, UsageLabel, Dialect, FormTag)
}
