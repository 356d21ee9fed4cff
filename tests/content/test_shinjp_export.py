"""Archives with exported cards and reviews are read as a source of imports."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from content.shinjp_export import ShinjpExport
from domain.enums import CardKind, CardState
from domain.imports.mapping import guess_mapping
from domain.imports.records import ImportedNote, ImportedReviewKind, Rating, RejectedNote, SourceRejectedError

CARDS = """\
id,word,reading,meanings,jlptLevel,state,dueAt,intervalDays,easeFactor,stability,difficulty,repetitions,lapses,\
suspended,flag,tags,lastReviewedAt,createdAt,context,contextBookId,contextPage,kind,subject
a,"食べる","たべる","to eat; to live on","N5","REVIEW",2026-12-01T04:00:00.000000Z,8,2.36,12.5,5.25,3,1,false,2,\
"verb; two words",2026-11-23T10:00:00.000000Z,2026-01-01T00:00:00.000000Z,"'=1+1",,,"RECALL","WORD"
b,"肉","にく","meat","N5","NEW",2026-01-01T00:00:00.000000Z,0,2.5,,,0,0,true,0,"",,2026-01-01T00:00:00.000000Z,\
"'twas",,,"RECOGNITION","WORD"
k,"一","イチ; ひと","one","N5","NEW",2026-01-01T00:00:00.000000Z,0,2.5,,,0,0,true,0,"",,2026-01-01T00:00:00.000000Z,,,,\
"RECOGNITION","KANJI"
c,"水","みず","water","N5","ODD",2026-01-01T00:00:00.000000Z,0,2.5,,,0,0,true,0,"",,2026-01-01T00:00:00.000000Z,,,,\
"RECOGNITION","WORD"
"""
REVIEWS = """\
id,reviewedAt,word,reading,quality,intervalDaysBefore,intervalDaysAfter,durationMs,undone,cardId,idempotencyKey,kind,\
rescheduled
x,2026-11-23T10:00:00.000000Z,"食べる","",4,3,8,1200,false,a,"key 2","RECALL",true
w,2026-11-20T10:00:00.000000Z,"食べる","",1,3,1,,false,a,"key 1","RECALL",true
y,2026-11-24T10:00:00.000000Z,"食べる","",5,3,8,,true,a,"key 3","RECALL",true
z,2026-11-25T10:00:00.000000Z,"食べる","",3,8,8,,false,a,"key 4","RECALL",false
"""


def archive(directory: Path, **files: str) -> Path:
    path = directory / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in {"README": "Your data", **files}.items():
            # As the job writes them.
            with written.open(name.replace("_", "."), "w", force_zip64=True) as member:
                member.write(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))
    return path


def test_cards_and_reviews(tmp_path: Path) -> None:
    source = ShinjpExport.open(archive(tmp_path, cards_csv=CARDS, reviews_csv=REVIEWS), tmp_path)
    word, new, kanji, odd = source.notes()
    assert list(source.notes(1)) == [new, kanji, odd]
    assert isinstance(word, ImportedNote)
    assert (word.fields["Expression"], word.fields["Sentence"], word.tags) == ("食べる", "=1+1", ("verb", "two words"))
    [card] = word.cards
    assert (card.kind, card.state, card.flag, card.suspended) == (CardKind.RECALL, CardState.REVIEW, 2, False)
    assert (card.due_at, card.ease_factor) == (datetime(2026, 12, 1, 4, tzinfo=UTC), 2.36)
    assert [(review.key, review.rating, review.kind) for review in card.reviews] == [
        ("key 1", Rating.AGAIN, ImportedReviewKind.REVIEW),
        ("key 2", Rating.GOOD, ImportedReviewKind.REVIEW),
        ("key 4", Rating.HARD, ImportedReviewKind.CRAM),
    ]
    assert isinstance(new, ImportedNote)
    assert new.fields["Sentence"] == "'twas"
    assert (new.cards[0].due_at, new.cards[0].suspended) == (None, True)
    assert isinstance(kanji, ImportedNote)
    assert (kanji.fields["Expression"], kanji.note_type) == ("一", "ShinJP kanji")
    assert isinstance(odd, RejectedNote)
    summary = source.summary()
    assert (summary.note_count, summary.review_count) == (3, 3)
    assert [(each.name, each.note_count) for each in summary.note_types] == [("ShinJP kanji", 1), ("ShinJP word", 2)]
    assert [guess_mapping(each).subject for each in summary.note_types] == ["KANJI", "WORD"]
    assert {guess_mapping(each).sentence for each in summary.note_types} == {"Sentence"}
    source.close()
    assert [path.name for path in tmp_path.iterdir()] == ["archive.zip"]


def test_other_archives_are_rejected(tmp_path: Path) -> None:
    for files in (
        {},
        {"cards_csv": CARDS},
        {"cards_csv": "id,word\n", "reviews_csv": REVIEWS},
        {"cards_csv": CARDS, "reviews_csv": "\0\xff"},
        {"cards_csv": CARDS + '"' + "x" * 200_000, "reviews_csv": REVIEWS},
    ):
        with pytest.raises(SourceRejectedError):
            ShinjpExport.open(archive(tmp_path, **files), tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["archive.zip"]
