"""Resolvers of webhooks, for administrators."""

from collections.abc import Sequence

import strawberry

from db.queries.webhooks import WebhookRow, all_webhooks
from domain.ids import WebhookId, parse_global_id_as
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def webhook(info: Info, id: strawberry.ID) -> WebhookRow | None:
    return await info.context.loaders.webhooks.webhook_by_id.load(parse_global_id_as(WebhookId, id))


async def webhooks(info: Info) -> Sequence[WebhookRow]:
    return await info.context.reads.rows(all_webhooks)


deliveries = load_by_key(lambda loaders: loaders.webhooks.deliveries_by_webhook_id, nested_page_key)
