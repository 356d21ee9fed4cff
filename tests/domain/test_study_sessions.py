"""New cards are spread evenly among reviews."""

from hypothesis import given
from hypothesis import strategies as st

from domain.enums import NewCardMix
from domain.study_sessions import mix_evenly

SIZES = st.integers(0, 60)


def mixed(reviews: int, new: int, mix: NewCardMix = NewCardMix.MIXED, first: int = 1_000) -> list[str]:
    """Letters: r for a review, n for a new card; of at most `first` of each."""
    names = mix_evenly(
        [f"r{n}" for n in range(min(reviews, first))],
        [f"n{n}" for n in range(min(new, first))],
        mix,
        review_count=reviews,
        new_count=new,
    )
    for letter in "rn":
        own = [name for name in names if name.startswith(letter)]
        assert own == sorted(own, key=lambda name: int(name[1:]))
    return [name[0] for name in names]


@given(SIZES, SIZES)
def test_every_beginning_has_its_share_of_new_cards(reviews: int, new: int) -> None:
    letters = mixed(reviews, new)
    assert (letters.count("r"), letters.count("n")) == (reviews, new)
    for end in range(len(letters) + 1):
        assert abs(letters[:end].count("n") - new * end / max(len(letters), 1)) <= 1


@given(SIZES, SIZES, st.integers(1, 60))
def test_a_short_session_is_the_beginning_of_the_long_one(reviews: int, new: int, first: int) -> None:
    assert mixed(reviews, new, first=first)[:first] == mixed(reviews, new)[:first]


def test_new_cards_stand_between_reviews() -> None:
    assert "".join(mixed(6, 2)) == "rrnrrnrr"
    assert "".join(mixed(2, 6)) == "nnrnnrnn"


def test_new_cards_are_first_or_last_by_setting() -> None:
    assert "".join(mixed(3, 2, NewCardMix.FIRST)) == "nnrrr"
    assert "".join(mixed(3, 2, NewCardMix.LAST)) == "rrrnn"
