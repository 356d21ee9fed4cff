"""Changes of the audit log have the lengths that the schema declares, whatever the values are."""

import json

from hypothesis import given
from hypothesis import strategies as st

from domain.exercises import MAX_ANSWER_LENGTH, MAX_EXERCISES, MAX_PROMPTS
from domain.field_changes import MAX_CHANGES_LENGTH, MAX_VALUE_LENGTH, bounded_changes, field_changes
from domain.list_sizes import MAX_CHANGED_FIELDS

EXERCISES = [{"prompts": [{"text": "問" * MAX_ANSWER_LENGTH}] * MAX_PROMPTS}] * MAX_EXERCISES
TEXTS = st.builds(lambda text, times: text * times, st.text(max_size=20), st.integers(1, 3_000))
VALUES = st.one_of(st.none(), st.integers(), TEXTS, st.lists(TEXTS, max_size=3), st.just(EXERCISES))
CHANGES = st.dictionaries(st.text(max_size=20), st.tuples(VALUES, VALUES), max_size=MAX_CHANGED_FIELDS)


def encode(changes: dict[str, tuple[object, object]]) -> str:
    return json.dumps({name: {"before": before, "after": after} for name, (before, after) in changes.items()})


@given(CHANGES)
def test_changes_are_bounded_json(changes: dict[str, tuple[object, object]]) -> None:
    for name, before, after, is_shortened in field_changes(encode(changes)):
        assert max(len(before), len(after)) <= MAX_VALUE_LENGTH
        values = json.loads(before), json.loads(after)
        assert is_shortened or values == tuple(json.loads(json.dumps(changes[name])))
        assert not is_shortened or changes[name][0] == changes[name][1] or values[0] != values[1]
    text = bounded_changes(encode(changes))
    assert len(text) <= MAX_CHANGES_LENGTH
    assert json.loads(text).keys() == changes.keys()


def test_excerpt_begins_before_the_difference() -> None:
    common = "同じ" * 15_000
    [change] = field_changes(encode({"content": (common + "前", common + "後")}))
    before, after = json.loads(change.before), json.loads(change.after)
    assert (before[0], before[-1], after[-1], len(before)) == ("…", "前", "後", 102)
