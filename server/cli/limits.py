"""`shinjp limits`: prints the limits over time, as a file for RATE_LIMITS."""

from collections.abc import Iterator

import click

from domain.rate_limits import RATE_LIMITS, RateLimit
from server.settings import Settings


@click.command()
def limits() -> None:
    """Print the limits over time of this environment, as a file for RATE_LIMITS."""
    settings = Settings.load()
    lines = [
        line
        for default, limit in zip(RATE_LIMITS, settings.rate_limits, strict=True)
        for line in _lines(default, limit)
    ]
    width = max(len(assignment) for assignment, _ in lines)
    for assignment, comment in lines:
        click.echo(f"{assignment:{width}}  # {comment}")


def _lines(default: RateLimit, limit: RateLimit) -> Iterator[tuple[str, str]]:
    minutes = limit.span.total_seconds() / 60
    counted = f"in {minutes:g} minutes, by {limit.counted_by.value}"
    yield f"{limit.variable} = {limit.times}", f"default {default.times} {counted}: {limit.what} {limit.rule}"
    if limit.bytes_setting is not None:
        yield (
            f"{limit.bytes_setting.upper()} = {limit.max_bytes}",
            f"default {default.max_bytes} {counted}: bytes of {limit.what}",
        )
