"""Descriptions of the arguments of directives, which Strawberry's `directive_field` does not take."""

from graphql import GraphQLSchema

_DESCRIPTIONS = {
    "cost": {"weight": "The cost as an integer, without the fields selected below."},
    "listSize": {
        "assumedSize": "Assumed size of the list without slicing arguments.",
        "slicingArguments": (
            "Arguments that determine the size: an integer, or the length of a list. A path such as "
            "`input.reviews` refers to a field of an input object. The largest of several arguments counts."
        ),
        "sizedFields": "The fields of the result that have this size, if the field itself is not a list.",
        "requireOneSlicingArgument": "Whether exactly one slicing argument is required.",
    },
    "cacheControl": {
        "maxAge": "Maximum age in seconds.",
        "scope": "Whether a cached value is shared.",
    },
    "semanticNonNull": {"levels": "The levels that are null only on errors: 0 is the field, 1 an item of its list."},
    "requires": {"role": "The minimum role."},
}


def describe_directive_arguments(schema: GraphQLSchema) -> None:
    for directive in schema.directives:
        for name, description in _DESCRIPTIONS.get(directive.name, {}).items():
            directive.args[name].description = description
