"""Helpers for settings."""

from server.settings import Settings


def highest(setting: str) -> int:
    """The maximum of an integer setting."""
    bounds = [bound for data in Settings.model_fields[setting].metadata if (bound := getattr(data, "le", None))]
    return min(bounds, default=10**9)
