"""CSV and TSV files: encodings, delimiters, headers of Anki, and lines that cannot be read."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from content.delimited_notes import DelimitedSource
from content.delimited_rows import MAX_LINE_LENGTH
from domain.imports.mapping import guess_mapping
from domain.imports.records import ImportedNote, ImportFormat, RejectedNote, SourceRejectedError

TEXT = 'Word,Reading,Meaning\r\n食べる,たべる,to eat\r\n友達,ともだち,"friend, companion"\r\n'


def opened(path: Path, content: bytes) -> DelimitedSource:
    file = path / "file"
    file.write_bytes(content)
    return DelimitedSource(file)


def rows(source: DelimitedSource) -> list[list[str]]:
    return [list(note.fields.values()) for note in source.notes() if isinstance(note, ImportedNote)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "shift_jis", "cp932", "euc_jp"]
)
def test_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    source = opened(tmp_path, TEXT.encode(encoding))
    assert rows(source) == [["食べる", "たべる", "to eat"], ["友達", "ともだち", "friend, companion"]]
    [note_type] = source.summary().note_types
    guess = guess_mapping(note_type)
    assert (guess.expression, guess.reading, guess.meaning) == ("Word", "Reading", "Meaning")


def test_null_character_does_not_change_the_encoding(tmp_path: Path) -> None:
    """It was the sign of UTF-16, as which all rows were other characters."""
    content = "単語,読み\n食べる\0,たべる\n水,みず\n".encode()
    found = list(opened(tmp_path, content).notes())
    assert [isinstance(note, RejectedNote) for note in found] == [True, False]
    assert rows(opened(tmp_path, content)) == [["水", "みず"]]


def test_katakana_of_half_the_width_are_read(tmp_path: Path) -> None:
    content = "単語,読み,意味\nﾃﾚﾋﾞ,ﾃﾚﾋﾞ,TV\nﾊﾟｿｺﾝ,ﾊﾟｿｺﾝ,PC\n".encode("cp932")
    assert rows(opened(tmp_path, content)) == [["ﾃﾚﾋﾞ", "ﾃﾚﾋﾞ", "TV"], ["ﾊﾟｿｺﾝ", "ﾊﾟｿｺﾝ", "PC"]]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_are_detected_and_columns_are_guessed(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [delimiter.join(line) for line in (("猫", "ねこ", "cat"), ("犬", "いぬ", "dog, hound"))]
    content = end.join(lines).replace("dog, hound", '"dog, hound"' if delimiter == "," else "dog, hound")
    source = opened(tmp_path, content.encode())
    assert rows(source) == [["猫", "ねこ", "cat"], ["犬", "いぬ", "dog, hound"]]
    guess = guess_mapping(source.summary().note_types[0])
    assert (guess.expression, guess.reading, guess.meaning) == ("Column 1", "Column 2", "Column 3")


@pytest.mark.parametrize(
    "text",
    [
        'sep=;\nWord;Meaning\n食べる;"to eat; x"\n',
        'Word, Meaning\n食べる, "to eat; x"\n',
        'Word | Meaning\n食べる | "to eat; x"\n',
    ],
)
def test_cells_of_spreadsheets_and_people_are_read(tmp_path: Path, text: str) -> None:
    [note] = opened(tmp_path, text.encode()).notes()
    assert isinstance(note, ImportedNote)
    assert note.fields == {"Word": "食べる", "Meaning": "to eat; x"}


def test_headers_of_anki_are_read(tmp_path: Path) -> None:
    content = (
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        'id-1\tBasic\tJapanese::N5\t猫\tcat\tanimal N5\nid-2\tOther\tJapanese\t犬\t"dog\nhound"\t\n'
    )
    source = opened(tmp_path, content.encode())
    first, second = source.notes()
    assert isinstance(first, ImportedNote)
    assert isinstance(second, ImportedNote)
    assert (first.key, first.note_type, first.deck, first.tags) == ("id-1", "Basic", "Japanese::N5", ("animal", "N5"))
    assert (first.line, second.line) == (7, 8)
    assert list(second.fields.values()) == ["犬", "dog\nhound"]
    assert source.summary().format is ImportFormat.ANKI_TEXT
    assert [note.key for note in source.notes(1) if isinstance(note, ImportedNote)] == ["id-2"]


def test_bad_lines_are_named_and_others_are_read(tmp_path: Path) -> None:
    lines = [
        "猫,cat".encode(),
        b"\xff\xfe broken,x",
        b'"opened and never closed,x',
        "犬,dog".encode(),
        b"a\x01b,fine",
        "長,".encode() + b"x" * (2 * MAX_LINE_LENGTH),
        '牛,"cow, or ox"'.encode(),
        "鳥,bird".encode(),
    ]
    found = list(opened(tmp_path, b"\n".join(lines)).notes())
    rejected = {note.line: note.reason for note in found if isinstance(note, RejectedNote)}
    assert rejected.keys() == {2, 3, 6}
    assert "UTF-8" in rejected[2]
    assert "quotation mark" in rejected[3]
    assert "characters" in rejected[6]
    assert [note.line for note in found if isinstance(note, ImportedNote)] == [1, 4, 5, 7, 8]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n\n\n", b"\x00\x01\x02\x03" * 1_000, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10),
        # Read as UTF-8, it would be rows of escape sequences.
        "単語,意味\n食べる,to eat\n".encode("iso2022_jp"),
    ],
)
def test_files_that_are_no_text_are_rejected(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceRejectedError):
        opened(tmp_path, content)


HOSTILE = {
    "one line": lambda: "あ".encode() * 3_000_000,
    "quotation marks": lambda: b'"' * 3_000_000,
    "lines that open": lambda: b'"a,b\n' * 20_000,
    "commas": lambda: b"," * 3_000_000,
    "columns": lambda: (b"a," * 1_000 + b"\n") * 300,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_bounded_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(HOSTILE[name]())
    tracemalloc.start()
    try:
        with suppress(SourceRejectedError):
            for _ in DelimitedSource(path).notes():
                pass
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
