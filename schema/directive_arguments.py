"""Descriptions of the arguments of directives, which Strawberry's `directive_field` does not take."""

from graphql import GraphQLSchema

_DESCRIPTIONS = {
    "cost": {"weight": "A whole number. What is selected below is not part of it."},
    "listSize": {
        "assumedSize": "How many items there are where no slicing argument says it.",
        "slicingArguments": "Arguments that say how many items there are: an integer, or a list by its length. A path "
        "such as `input.reviews` leads into an input object. Of several the largest counts.",
        "sizedFields": "The lists below the field that are so long, where the field is not a list itself.",
        "requireOneSlicingArgument": "Whether one slicing argument always has a value.",
    },
    "cacheControl": {
        "maxAge": "For how many seconds a result may be kept.",
        "scope": "Whether a result is the same for everybody, or belongs to one viewer.",
    },
    "semanticNonNull": {"levels": "Which places are null only on errors: 0 is the field, 1 an item of its list."},
    "requires": {"role": "The role that is needed at least."},
}


def describe_directive_arguments(schema: GraphQLSchema) -> None:
    for directive in schema.directives:
        for name, description in _DESCRIPTIONS.get(directive.name, {}).items():
            directive.args[name].description = description
