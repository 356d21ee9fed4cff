"""Errors of embedded servers."""


class EmbeddedServerError(Exception):
    """An embedded server cannot run. The message has the reason and a remedy."""
