"""Loaders of webhooks and their deliveries."""

from functools import cached_property

from db.queries import webhooks
from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from domain.ids import WebhookDeliveryId, WebhookId
from loaders.base import LoaderGroup, OneByKey, PageByKey


class WebhookLoaders(LoaderGroup):
    """Row-level security hides the rows from viewers who are not administrators."""

    @cached_property
    def webhook_by_id(self) -> OneByKey[WebhookId, WebhookRow]:
        return self.one(webhooks.webhooks_by_id)

    @cached_property
    def delivery_by_id(self) -> OneByKey[WebhookDeliveryId, WebhookDeliveryRow]:
        return self.one(webhooks.deliveries_by_id)

    @cached_property
    def deliveries_by_webhook_id(self) -> PageByKey[WebhookId, WebhookDeliveryRow]:
        return self.page(webhooks.paged_deliveries)
