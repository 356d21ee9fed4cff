"""Descriptions of input types, whose fields are declared next to the resolvers that read them."""

from dataclasses import MISSING, fields

import strawberry


def describe_input(
    input: type,
    description: str,
    /,
    *,
    names: dict[str, str] | None = None,
    one_of: bool | None = None,
    **descriptions: str,
) -> None:
    """Make a dataclass an input type. `descriptions`: of all its fields. `names`: GraphQL names that differ.
    `one_of`: exactly one field is given (`@oneOf`).

    Raises ValueError for a field without a description, or a description without a field.
    """
    declared = {field.name: field.default for field in fields(input)}
    if declared.keys() != descriptions.keys():
        different = ", ".join(sorted(declared.keys() ^ descriptions.keys()))
        raise ValueError(f"{input.__name__}: fields and descriptions differ: {different}")
    for name, default in declared.items():
        value = {} if default is MISSING else {"default": default}
        field = strawberry.field(name=(names or {}).get(name), description=descriptions[name], **value)
        setattr(input, name, field)
    strawberry.input(input, description=description, one_of=one_of)
