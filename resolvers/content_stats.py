"""Statistics of the content."""

from db.queries.content_stats import JlptContentStatsRow, jlpt_content_stats
from resolvers.context import Info


async def content_stats(info: Info) -> list[JlptContentStatsRow]:
    return await info.context.reads.rows(jlpt_content_stats)
