"""Reads text files of books, also from a ZIP archive, with bounded memory."""

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from domain.annotated_text import TextError
from domain.japanese_encoding import decode_japanese

# Of the file, and of the text after unpacking. The longest novels have three megabytes.
MAX_FILE_BYTES, MAX_TEXT_BYTES = 4_000_000, 8_000_000
_MAX_ENTRIES = 1_000
# Their decompression stops at a number of bytes; that of other methods does not.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# Where macOS stores attributes of files, under their names.
_METADATA = "__MACOSX/"


def read_text_file(path: Path) -> str:
    """Read a text file in UTF-8, UTF-16 or Shift-JIS, or the only one in a ZIP archive.

    Raises TextError for any other content, and OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise TextError(f"The file has more than {MAX_FILE_BYTES:,} bytes.")
    return decode_japanese(_unpack(data) if data.startswith(b"PK") else data)


def _unpack(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _read_entry(archive, _find_text(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(f"The ZIP archive is damaged: {error}") from error


def _find_text(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise TextError(f"The ZIP archive has {len(entries):,} files; {_MAX_ENTRIES:,} are allowed.")
    texts = [
        entry
        for entry in entries
        if entry.filename.lower().endswith(".txt") and not entry.filename.startswith(_METADATA) and not entry.is_dir()
    ]
    if len(texts) != 1:
        names = ", ".join(repr(entry.filename) for entry in texts[:5]) or "none"
        raise TextError(f"The ZIP archive must have exactly one file with the extension .txt; found: {names}.")
    return texts[0]


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & _ENCRYPTED:
        raise TextError("The ZIP archive is encrypted.")
    if entry.compress_type not in _METHODS:
        raise TextError(f"The ZIP archive has compression method {entry.compress_type}; use Deflate.")
    # The size in the archive's directory may be wrong.
    with archive.open(entry) as file:
        text = file.read(MAX_TEXT_BYTES + 1)
    if len(text) > MAX_TEXT_BYTES:
        raise TextError(f"The text has more than {MAX_TEXT_BYTES:,} bytes after unpacking.")
    return text
