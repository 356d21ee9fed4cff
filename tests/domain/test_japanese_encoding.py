"""Text files are UTF-8, UTF-16 or Shift-JIS; other encodings are named or located."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotated_text import TextError
from domain.japanese_encoding import decode_japanese

TEXT = "吾輩は猫である。\n名前はまだ無い。\nどこで生れたかとんと見当がつかぬ〜"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "shift_jis"])
def test_encoding_is_detected(encoding: str) -> None:
    assert decode_japanese(TEXT.encode(encoding)) == TEXT


def test_characters_of_windows() -> None:
    assert decode_japanese("①髙橋".encode("cp932")) == "①髙橋"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (TEXT.encode("euc_jp"), "The encoding is EUC-JP; convert the file to UTF-8."),
        (TEXT.encode("iso2022_jp", errors="ignore"), "The encoding is ISO-2022-JP; convert the file to UTF-8."),
        (
            "猫\n犬\n".encode() + b"\xff",
            "line 3: byte 0xFF is valid in neither UTF-8 nor Shift-JIS; convert the file to UTF-8.",
        ),
        (
            "猫\n".encode("shift_jis") + b"\xff\xff",
            "line 2: byte 0xFF is valid in neither UTF-8 nor Shift-JIS; convert the file to UTF-8.",
        ),
        (b"\xef\xbb\xbfa\nb\xff", "line 2: byte 0xFF is not valid in UTF-8."),
        (b"\xff\xfea\x00\n\x00\x00\xd8", "line 2: byte 0x00 is not valid in UTF-16-LE."),
    ],
)
def test_other_encoding_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(TextError) as raised:
        decode_japanese(data)
    assert raised.value.problems == (message,)


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_rejected(data: bytes) -> None:
    with suppress(TextError):
        assert isinstance(decode_japanese(data), str)
