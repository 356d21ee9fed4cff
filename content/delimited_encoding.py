"""Opens text files whose encoding is unknown: UTF-8, UTF-16, Shift-JIS or EUC-JP."""

import codecs
import io
import re
from pathlib import Path
from typing import BinaryIO, TextIO

from domain.imports.records import SourceRejectedError

_SAMPLE_BYTES = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp932": "Shift-JIS", "euc_jp": "EUC-JP"}
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]")
_UNUSUAL = re.compile("[\uff61-\uff9f\ue000-\uf8ff\x80-\xa0]")
_UNASSIGNED = re.compile("[\ue000-\uf8ff\x80-\xa0]")
# Escape sequences before Japanese characters, of which the rest is ASCII.
_ISO_2022_JP = (b"\x1b$B", b"\x1b$@")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
# The share of bytes of UTF-16 without a mark that are null, of text in Latin letters, and of Japanese text.
_MIN_NULL_SHARE, _MAX_OTHER_NULL_SHARE = 0.02, 0.005


def detect_encoding(sample: bytes) -> str:
    """Return the codec of text that starts with these bytes. Raises SourceRejectedError for other files."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    is_utf_8 = _is_valid(sample, "utf-8")
    # Other characters than those of ASCII are not valid UTF-8 by chance: then null characters are those of odd cells.
    if 0 in sample and (sample.isascii() or not is_utf_8):
        return _utf_16_without_mark(sample)
    if any(escape in sample for escape in _ISO_2022_JP):
        raise SourceRejectedError("The encoding is ISO-2022-JP; convert the file to UTF-8.")
    if is_utf_8:
        return "utf-8"
    scores = {encoding: _score(sample, encoding) for encoding in ("utf-8", "cp932", "euc_jp")}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] > 0:
        return best
    # Katakana of half the width are unusual, but another encoding of Japanese has no other characters.
    valid = [encoding for encoding in ("cp932", "euc_jp") if _is_valid(sample, encoding)]
    if len(valid) == 1 and _is_japanese(sample, valid[0]):
        return valid[0]
    raise SourceRejectedError("The file is no text in UTF-8, UTF-16, Shift-JIS or EUC-JP.")


def encoding_name(encoding: str) -> str:
    """Return the usual name of a codec."""
    return _NAMES.get(encoding, "UTF-16")


def open_text(path: Path) -> tuple[TextIO, str]:
    """Open a file and return it with its codec. Bytes that are not valid become U+FFFD.

    Raises SourceRejectedError.
    """
    file: BinaryIO = path.open("rb")
    try:
        encoding = detect_encoding(file.read(_SAMPLE_BYTES))
    except SourceRejectedError:
        file.close()
        raise
    file.seek(0)
    return io.TextIOWrapper(file, encoding, errors="replace"), encoding


def _is_valid(sample: bytes, encoding: str) -> bool:
    """Whether the bytes are valid, except for a character that the end of the sample splits."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _score(sample: bytes, encoding: str) -> int:
    """Return how much the text looks like Japanese: others have unusual or invalid characters."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    return len(_JAPANESE.findall(text)) - 3 * len(_UNUSUAL.findall(text)) - text.count("\ufffd")


def _is_japanese(sample: bytes, encoding: str) -> bool:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    return _JAPANESE.search(text) is not None and _UNASSIGNED.search(text) is None


def _utf_16_without_mark(sample: bytes) -> str:
    even, odd = sample[0::2].count(0) / len(sample), sample[1::2].count(0) / len(sample)
    for encoding, nulls, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nulls >= _MIN_NULL_SHARE and others <= _MAX_OTHER_NULL_SHARE and _is_valid(sample, encoding):
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
            if not _CONTROL.search(text):
                return encoding
    raise SourceRejectedError("The file is binary: it has null bytes.")
