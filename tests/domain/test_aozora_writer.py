"""What is written in Aozora Bunko's format is read again without a difference."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.annotated_text import AnnotatedText, Ruby
from domain.aozora import parse_aozora
from domain.aozora_writer import write_aozora

# Marks, and what looks like a header, a footer, a repetition or an accent.
PIECES = [
    "｜",
    "《",
    "》",
    "［",
    "］",
    "［＃",
    "※［＃",
    "〔e'〕",
    "／＼",
    "底本：",
    "-" * 20,
    "猫",
    "ネコ",
    "a",
    "\U00020089",
    "\n",
]
SPANS = st.tuples(st.text(st.sampled_from("猫犬《｜あ"), min_size=1, max_size=5), st.text("ねこ《》［＃", max_size=5))


def build(spans: list[tuple[str, str]], between: str) -> AnnotatedText:
    text, ruby = "", []
    for base, reading in spans:
        text += between
        if reading:
            ruby.append(Ruby(len(text), len(base), reading))
        text += base
    return AnnotatedText(text, tuple(ruby))


@given(st.lists(SPANS, min_size=1, max_size=6), st.lists(st.sampled_from(PIECES), max_size=6))
@example([("猫", "ねこ")], ["底本：", "\n"])
def test_written_text_is_read_again(spans: list[tuple[str, str]], pieces: list[str]) -> None:
    text = build(spans, "".join(pieces).strip() + "文")
    # The parser allows two blank lines in a row.
    if "\n\n\n\n" not in text.text:
        assert parse_aozora(write_aozora(text)).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (AnnotatedText("猫が鳴く。", (Ruby(0, 1, "ねこ"),)), "｜猫《ねこ》が鳴く。"),
        (AnnotatedText("《題》"), "※［＃U+300A］題※［＃U+300B］"),
        (AnnotatedText("底本：青空"), "※［＃U+5E95］本：青空"),
    ],
)
def test_format(text: AnnotatedText, expected: str) -> None:
    assert write_aozora(text) == expected
