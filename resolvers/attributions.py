"""Resolver of the attributions."""

from domain.attributions import ATTRIBUTIONS, Attribution


def attributions() -> tuple[Attribution, ...]:
    return ATTRIBUTIONS
