"""Parts of text have whole sentences."""

from random import Random

import pytest

from analysis.sentences import split_parts, split_sentences

MAX_LENGTH = 400
CHARACTERS = "猫が寝る。！？「」『』（）(\n\r、,　 a"


@pytest.mark.parametrize("seed", range(20))
def test_parts_have_the_sentences_of_the_text(seed: int) -> None:
    random = Random(seed)
    weights = [random.random() ** 3 for _ in CHARACTERS]
    text = "".join(random.choices(CHARACTERS, weights, k=random.choice([1, 399, 5_000])))
    parts = list(split_parts(text, MAX_LENGTH))
    assert "".join(parts) == text
    assert all(0 < len(part) <= MAX_LENGTH for part in parts)
    assert [sentence for part in parts for sentence in split_sentences(part)] == list(split_sentences(text))
    # What remains after any part is split in the same way.
    rest = "".join(parts[len(parts) // 2 :])
    assert list(split_parts(rest, MAX_LENGTH)) == parts[len(parts) // 2 :]


def test_parts_are_as_long_as_possible() -> None:
    assert list(split_parts("あ" * 199 + "。" + "い" * 199 + "。" + "う。", MAX_LENGTH)) == [
        "あ" * 199 + "。" + "い" * 199 + "。",
        "う。",
    ]
    assert list(split_parts("", MAX_LENGTH)) == []


def test_part_has_room_for_the_longest_sentence() -> None:
    with pytest.raises(ValueError, match="no room for a sentence of 400"):
        list(split_parts("猫。", 399))
