"""`shinjp books import` adds the text of a file to the catalogue."""

import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from content import text_files
from content.text_files import MAX_FILE_BYTES, MAX_TEXT_BYTES, read_text_file
from db.core.database import owner_connection
from domain.annotated_text import TextError
from domain.aozora import parse_aozora
from tests.processes import shinjp

BOOK = """羅生門
芥川龍之介

-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
-------------------------------------------------------

　或日の暮方の事である。一人の下人《げにん》が、羅生門の下で雨やみを待っていた。

底本：「芥川龍之介全集1」ちくま文庫
"""
TEXT = "　或日の暮方の事である。一人の下人が、羅生門の下で雨やみを待っていた。"


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return buffer.getvalue()


def encrypted(data: bytes) -> bytes:
    """The archive with the flag of encryption in its directory."""
    position = data.index(b"PK\x01\x02") + 8
    return data[:position] + b"\x01\x00" + data[position + 2 :]


async def imported(url: str, path: Path, *options: str) -> str:
    status, _, errors = await shinjp("books", "import", str(path), *options, DATABASE_URL=url)
    assert status == 0, errors
    return errors


async def rows(url: str, title: str) -> list[Any]:
    async with owner_connection(url) as connection:
        return await connection.fetch(
            "select books.id, author, has_text, page_count, version, jlpt_level, published_at is not null as published,"
            " array(select text from book_pages where book_id = books.id order by number) as pages,"
            " array(select ruby::text from book_pages where book_id = books.id order by number) as ruby"
            " from books where title = $1",
            title,
        )


async def test_text_is_added_to_the_book_of_the_catalogue(writable_database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "rashomon.zip"
    path.write_bytes(archive({"rashomon.txt": BOOK.encode("shift_jis"), "cover.png": b"\x89PNG"}))
    [before] = await rows(writable_database_url, "羅生門")
    assert "Updated 羅生門 by 芥川龍之介: 1 pages." in await imported(writable_database_url, path)
    [book] = await rows(writable_database_url, "羅生門")
    assert (book["id"], book["published"], book["version"]) == (before["id"], True, before["version"] + 1)
    assert (book["has_text"], book["page_count"], book["pages"]) == (True, 1, [TEXT])
    assert book["ruby"] == ['[[15, 2, "げにん"]]']


async def test_new_book_is_created_and_replaced(writable_database_url: str, tmp_path: Path) -> None:
    url, path = writable_database_url, tmp_path / "text.txt"
    path.write_text("《題》\n\n" + "本文。\n" * 250, encoding="utf-8")
    options = ("--title", "新しい本", "--author", "誰か", "--format", "plain")
    status, _, errors = await shinjp("books", "import", str(path), *options, DATABASE_URL=url)
    assert (status, errors.strip()) == (
        1,
        "Error: There is no book '新しい本' by 誰か: --level is required for a new one.",
    )
    assert await rows(url, "新しい本") == []
    assert "Created 新しい本 by 誰か: 2 pages." in await imported(url, path, *options, "--level", "N3")
    [book] = await rows(url, "新しい本")
    assert (book["jlpt_level"], book["published"], len(book["pages"])) == ("N3", False, 2)
    path.write_text("短い。", encoding="utf-8")
    assert "Updated" in await imported(url, path, *options, "--publish")
    [book] = await rows(url, "新しい本")
    assert (book["published"], book["page_count"], book["pages"]) == (True, 1, ["短い。"])


async def test_problems_are_printed_with_their_lines(writable_database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.txt"
    path.write_text("あ《い\n\nう》", encoding="utf-8")
    status, _, errors = await shinjp("books", "import", str(path), DATABASE_URL=writable_database_url)
    assert status == 1
    assert errors.strip().splitlines() == [
        f"Error: {path}: line 1: 《 is not closed by 》.",
        f"{path}: line 3: 》 has no 《 before it.",
    ]


TOO_LARGE = archive({"a.txt": b"a" * (MAX_TEXT_BYTES + 1)})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (TOO_LARGE, f"The text has more than {MAX_TEXT_BYTES:,} bytes after unpacking."),
        (b"a" * (MAX_FILE_BYTES + 1), f"The file has more than {MAX_FILE_BYTES:,} bytes."),
        (archive({"a.txt": b"a"}, zipfile.ZIP_LZMA), "The ZIP archive has compression method 14; use Deflate."),
        (archive({"a.txt": b"a"}, zipfile.ZIP_BZIP2), "The ZIP archive has compression method 12; use Deflate."),
        (
            archive({"a.txt": b"a", "b.txt": b"b"}),
            "The ZIP archive must have exactly one file with the extension .txt; found: 'a.txt', 'b.txt'.",
        ),
        (archive({"a.png": b"a"}), "The ZIP archive must have exactly one file with the extension .txt; found: none."),
        (archive({f"{n}.txt": b"" for n in range(1_001)}), "The ZIP archive has 1,001 files; 1,000 are allowed."),
        (encrypted(archive({"a.txt": b"a"})), "The ZIP archive is encrypted."),
        (archive({"a.txt": b"a"})[:-10], "The ZIP archive is damaged: File is not a zip file"),
        (b"PK\x03\x04" + b"\x00" * 100, "The ZIP archive is damaged: File is not a zip file"),
    ],
    ids=["bomb", "large", "lzma", "bzip2", "two texts", "no text", "many", "encrypted", "cut", "no archive"],
)
def test_bad_file_is_an_error(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    path.write_bytes(data)
    with pytest.raises(TextError) as raised:
        read_text_file(path)
    assert raised.value.problems == (message,)


@pytest.mark.parametrize("name", ["../../outside.txt", "/etc/outside.txt", "C:\\outside.txt"])
def test_name_in_an_archive_is_no_path(name: str, tmp_path: Path) -> None:
    path = tmp_path / "inside" / "book.zip"
    path.parent.mkdir()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        entry = zipfile.ZipInfo("name.txt")
        entry.filename = name
        opened.writestr(entry, "本文。")
    path.write_bytes(buffer.getvalue())
    assert read_text_file(path) == "本文。"
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["book.zip"]


def test_metadata_of_macos_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    path.write_bytes(archive({"book/a.txt": "本文。".encode(), "__MACOSX/book/._a.txt": b"\0\5\x16\7"}))
    assert read_text_file(path) == "本文。"


def test_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    path.write_bytes(archive({"book.txt": archive({"book.txt": b"a" * 1_000_000})}))
    with pytest.raises(TextError):
        parse_aozora(read_text_file(path))


def test_huge_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    with path.open("wb") as file:
        # A sparse file, which takes no space.
        file.truncate(10_000_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TextError, match="The file has more than"):
            read_text_file(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_FILE_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("seed", range(4))
def test_damaged_archive_is_an_error_or_text(seed: int, tmp_path: Path) -> None:
    """Each byte of an archive is changed once."""
    path = tmp_path / "book.zip"
    data = archive({"a.txt": "吾輩は猫である。".encode() * 3})
    for position in range(seed, len(data), 4):
        changed = bytearray(data)
        changed[position] ^= 0x55
        path.write_bytes(changed)
        try:
            text = read_text_file(path)
        except TextError:
            continue
        assert isinstance(text, str)


def test_unpacking_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever size the archive's directory claims."""
    monkeypatch.setattr(text_files, "MAX_TEXT_BYTES", 1_000)
    data = archive({"a.txt": b"a" * 5_000_000})
    size = (5_000_000).to_bytes(4, "little")
    path = tmp_path / "bomb.zip"
    path.write_bytes(data.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(TextError):
        read_text_file(path)
