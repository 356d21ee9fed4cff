"""Messages of validation."""

from domain.validation import Validator


def test_messages_name_items_of_lists_by_their_field() -> None:
    validator = Validator("reviews", "3")
    validator.number(9, 0, 5, "quality")
    validator.number(2, 0, 1, "easyDays", "0")
    validator.line("", 50, "tags", "12")
    assert [error.message for error in validator.errors] == [
        "quality: 9 is outside 0 to 5.",
        "easyDays.0: 2 is outside 0 to 1.",
        "tags.12 is empty.",
    ]
    assert validator.errors[1].path == ("reviews", "3", "easyDays", "0")
