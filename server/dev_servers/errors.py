"""What can go wrong, as a sentence for the person who ran the command."""


class EmbeddedServerError(Exception):
    """An embedded server cannot run here. The message says why and what to do."""
