"""Descriptions of the arguments of directives, which Strawberry's `directive_field` does not take."""

from graphql import GraphQLSchema

_DESCRIPTIONS = {
    "cost": {"weight": "The cost of the field itself, without what is selected below it. 1 where it is not declared."},
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
