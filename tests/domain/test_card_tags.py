"""Tags as exports have them."""

from random import Random

from domain.card_tags import join_tags, split_tags


def test_tags_are_split_as_they_were_joined() -> None:
    chosen = Random(1)
    for _ in range(2_000):
        tags = ["".join(chosen.choices("a; \\,|言", k=chosen.randint(1, 6))) for _ in range(chosen.randint(0, 5))]
        assert split_tags(join_tags(tags)) == tags


def test_tags_of_earlier_versions_are_split() -> None:
    assert split_tags("one; two words; three;four; back\\slash") == ["one", "two words", "three;four", "back\\slash"]
    assert split_tags("") == []
