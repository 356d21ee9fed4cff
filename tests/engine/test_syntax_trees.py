"""The parts of an AST that are kept."""

from graphql import FieldNode, OperationDefinitionNode

from engine.request.syntax_trees import compact, parse_tree


def test_equal_names_are_shared_and_fields_keep_their_locations() -> None:
    tree, _ = parse_tree("{ first: id\n  second: id }", 100)
    compact(tree)
    operation = tree.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    first, second = operation.selection_set.selections
    assert isinstance(first, FieldNode)
    assert isinstance(second, FieldNode)
    assert first.name is second.name
    assert [node.loc and node.loc.start for node in (first, first.name, second)] == [2, None, 14]
