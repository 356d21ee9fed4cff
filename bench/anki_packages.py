"""Reading a package of Anki: seconds and peak memory.

    python -m bench.anki_packages [NOTES] [REVIEWS]            100,000 notes with 1,000,000 reviews by default

The package is in the format of schema 11, with two cards for each second note, and reviews that Anki wrote before it
had FSRS. Memory states are computed from the log for cards whose state is imported, so not here. `open`, `summary` and
`notes` are CPU seconds; `peakMiB` is the memory of the process that reads, of which `startMiB` are the imported
modules. Prints JSON.
"""

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import orjson

from bench.harness import report
from content.anki import export_schema
from content.anki.package import AnkiPackage
from domain.imports.records import ImportedNote
from domain.scheduling.days import study_days

_FIRST_DAY = 1_700_000_000


def main(notes: int = 100_000, reviews: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as directory:
        package = Path(directory) / "large.apkg"
        _write(package, notes, reviews)
        command = [sys.executable, "-m", "bench.anki_packages", "read", str(package)]
        measured = subprocess.run(command, check=True, capture_output=True)
        size = package.stat().st_size
    report(noteCount=notes, reviewCount=reviews, packageMiB=round(size / 2**20, 1), **orjson.loads(measured.stdout))


def read(package: Path) -> None:
    start = _peak_mib()
    with tempfile.TemporaryDirectory() as directory:
        started_at = time.process_time()
        source = AnkiPackage.open(package, Path(directory), study_days("Asia/Tokyo", 4))
        opened_at = time.process_time()
        summary = source.summary()
        summarized_at = time.process_time()
        reviews = sum(
            len(card.reviews) for note in source.notes() if isinstance(note, ImportedNote) for card in note.cards
        )
        read_at = time.process_time()
        source.close()
    assert reviews == summary.review_count
    seconds = {"open": opened_at - started_at, "summary": summarized_at - opened_at, "notes": read_at - summarized_at}
    values = {name: round(value, 2) for name, value in seconds.items()}
    sys.stdout.buffer.write(orjson.dumps({**values, "peakMiB": _peak_mib(), "startMiB": start}))


def _write(package: Path, notes: int, reviews: int) -> None:
    file = package.with_suffix(".db")
    database = sqlite3.connect(file)
    database.executescript(export_schema.TABLES)
    cards = notes + notes // 2
    meaning = "a meaning of some length, with its part of speech and an example of its use. " * 4
    database.executemany(
        "INSERT INTO notes VALUES (?, ?, ?, 0, 0, ' tag ', ?, '', 0, 0, '')",
        (
            (number + 1, f"guid{number}", export_schema.WORD_NOTE_TYPE_ID, f"語{number}\x1fご\x1f{meaning}")
            for number in range(notes)
        ),
    )
    database.executemany(
        "INSERT INTO cards VALUES (?, ?, ?, ?, 0, 0, 2, 2, 1000, 30, 2500, 10, 0, 0, 0, 0, 0, '')",
        ((number + 1, number % notes + 1, export_schema.DECK_ID, number // notes) for number in range(cards)),
    )
    # In the order of time, as a learner writes them: those of one card are far apart.
    database.executemany(
        "INSERT INTO revlog VALUES (?, ?, 0, 3, ?, ?, 2500, 5000, ?)",
        (
            (
                (_FIRST_DAY + number * 40) * 1000,
                number % cards + 1,
                number // cards + 1,
                number // cards,
                int(number >= cards),
            )
            for number in range(reviews)
        ),
    )
    database.execute(
        "INSERT INTO col VALUES (1, ?, 0, 0, 11, 0, 0, 0, ?, ?, ?, '{}', '{}')",
        (_FIRST_DAY, export_schema.settings(-540, 4), export_schema.note_types(), export_schema.decks()),
    )
    database.executescript(export_schema.INDEXES)
    database.commit()
    database.close()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(file, "collection.anki21")
    file.unlink()


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
