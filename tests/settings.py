"""Settings for tests that are not about them."""

from server.settings import Settings


def highest(setting: str) -> int:
    """The highest value that a whole number can be set to."""
    bounds = [bound for data in Settings.model_fields[setting].metadata if (bound := getattr(data, "le", None))]
    return min(bounds, default=10**9)
