"""Resolver of the attributions."""

from content.attributions import ATTRIBUTIONS, Attribution


def attributions() -> tuple[Attribution, ...]:
    return ATTRIBUTIONS
