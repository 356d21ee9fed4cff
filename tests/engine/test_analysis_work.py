"""The work of analyzing an operation is bounded, however expensive the operation is."""

import pytest

from engine.errors import OperationTooComplex
from tests.clients import Client
from tests.engine.test_limits import analyzer, explanation, results


def doubling(number: int, type_name: str = "Shelf", field: str = "shelf") -> str:
    """Fragments that expand to 2^number fields."""
    return (
        "".join(
            f"fragment F{n} on {type_name} {{ a: {field} {{ ...F{n + 1} }} b: {field} {{ ...F{n + 1} }} }}"
            for n in range(number)
        )
        + f"fragment F{number} on {type_name} {{ name }}"
    )


def test_doubling_fragments_are_analyzed_once() -> None:
    found = analyzer("{ shelf { ...F0 } }" + doubling(60))
    cost = found.analyze({})
    assert (cost.aliases, cost.cost) == (2**61 - 2, 2**61 - 1)
    # The operation, `shelf`, and for each fragment itself and the two selections in it.
    assert found.visits == 2 + 60 * 3 + 1


@pytest.mark.parametrize("number", [10, 20, 40])
def test_visits_are_linear_in_abstract_types(number: int) -> None:
    """Each selection is visited once per possible type, however deeply it is nested."""
    nested = analyzer("{ thing " + "{ thing " * number + "{ name }" + " }" * number + " }")
    nested.analyze({})
    assert nested.visits == 1 + 2 * (number + 1)
    spread = analyzer("{ thing { ...F0 } }" + doubling(number, "Thing", "thing"))
    spread.analyze({})
    assert spread.visits == 1 + 2 * (1 + 3 * number + 1)


def test_visits_do_not_grow_with_sizes() -> None:
    fields = " ".join(f"a{n}: shelves(first: {n}) {{ ...F }}" for n in range(1, 50))
    found = analyzer(f"{{ {fields} }} fragment F on Shelves {{ nodes {{ name shelf {{ name }} }} }}")
    found.analyze({})
    assert found.visits == 1 + 49 + 3


def test_chain_of_fragments_is_analyzed_or_rejected() -> None:
    chain = (
        "".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(3_000)) + "fragment F3000 on Query { count }"
    )
    with pytest.raises(OperationTooComplex, match="nest"):
        results("{ ...F0 }" + chain)


def test_explanation_of_doubling_fragments_is_bounded() -> None:
    assert explanation("{ shelf { ...F0 } }" + doubling(60)).by_coordinate["Shelf.shelf"] > 1_000
    doubled = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    assert not explanation("{ ...F0 }" + doubled + "fragment F60 on Query { count }").most_expensive_paths()


async def test_doubling_fragments_do_not_block_server(client: Client) -> None:
    doubled = "".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = "{ viewer { ...F0 } }" + doubled + "fragment F60 on Viewer { __typename }"
    assert (await client.run(query, user="demo")).data == {"viewer": {"__typename": "Viewer"}}
