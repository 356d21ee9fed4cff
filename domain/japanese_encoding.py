"""Detects the encoding of Japanese text files: UTF-8, UTF-16 with a byte order mark, or Shift-JIS."""

import codecs
import re

from domain.annotated_text import TextError, describe_problem

_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# The standard first: it maps the wave dash and the minus sign as other encodings do. Windows has more characters.
_ENCODINGS = ("utf-8", "shift_jis", "cp932")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
# Where Windows decodes bytes that are not assigned, or that every machine assigns to characters of its own.
_UNASSIGNED = re.compile("[\x80\xa0\ue000-\uf8ff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# Japanese texts have few half-width katakana; other encodings, read as Shift-JIS, consist of them.
_MAX_HALF_WIDTH_SHARE = 0.3


def decode_japanese(data: bytes) -> str:
    """Raises TextError with the line of the first invalid byte, and for other encodings of Japanese."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decode_strictly(data.removeprefix(mark), encoding)
    if data.startswith((b"\x1b$", b"\x1b(")) or b"\x1b$B" in data:
        raise TextError("The encoding is ISO-2022-JP; convert the file to UTF-8.")
    furthest: UnicodeDecodeError | None = None
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
            _check_assigned(text, data, encoding)
        except UnicodeDecodeError as error:
            if furthest is None or error.start > furthest.start:
                furthest = error
        else:
            if encoding == "utf-8" or not _is_half_width(text):
                return text
            break
    else:
        if furthest is not None and not _is_euc(data):
            line = data.count(b"\n", 0, furthest.start) + 1
            message = f"byte 0x{data[furthest.start]:02X} is valid in neither UTF-8 nor Shift-JIS"
            raise TextError(describe_problem(line, f"{message}; convert the file to UTF-8."))
    name = "EUC-JP" if _is_euc(data) else "neither UTF-8 nor Shift-JIS"
    raise TextError(f"The encoding is {name}; convert the file to UTF-8.")


def _check_assigned(text: str, data: bytes, encoding: str) -> None:
    if encoding == "cp932" and (unassigned := _UNASSIGNED.search(text)):
        start = len(text[: unassigned.start()].encode(encoding))
        raise UnicodeDecodeError(encoding, data, start, start + 1, "not assigned")


def _is_half_width(text: str) -> bool:
    return len(_HALF_WIDTH.findall(text)) > _MAX_HALF_WIDTH_SHARE * len(_NOT_ASCII.findall(text))


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, errors="ignore").count("\n") + 1
        raise TextError(
            describe_problem(line, f"byte 0x{data[error.start]:02X} is not valid in {encoding.upper()}.")
        ) from None


def _is_euc(data: bytes) -> bool:
    try:
        data.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return True
