"""Errors of operations that are not executed."""

from graphql import GraphQLError


class RequestError(Exception):
    """The operation was not executed. The response has these errors and no `data`."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class OperationNotAllowed(RequestError):
    """The transport cannot execute this kind of operation, such as a mutation over GET."""
