"""Inputs of which exactly one field is given have `@oneOf`."""

from graphql import GraphQLInputObjectType

from schema import schema
from tests.schema.places import ALTERNATIVES

INPUTS = [type_ for type_ in schema._schema.type_map.values() if isinstance(type_, GraphQLInputObjectType)]
# A prompt without answer has neither.
WITHOUT_FIELDS = {"PromptAnswerInput"}


def test_inputs_of_alternatives_have_one_of() -> None:
    alternatives = {one.name for one in INPUTS if {*ALTERNATIVES.get(one.name, ())} == {*one.fields}}
    assert alternatives - WITHOUT_FIELDS == {one.name for one in INPUTS if one.is_one_of}


def test_descriptions_require_exactly_one_field_only_with_one_of() -> None:
    assert not [one.name for one in INPUTS if "exactly one" in (one.description or "").lower() and not one.is_one_of]
