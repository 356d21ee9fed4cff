"""Administrators create and delete webhooks, and repeat deliveries."""

from collections.abc import Sequence

from db.commands import webhooks as commands
from db.core.transaction import Transaction
from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from db.services.administration import write_audit_entry
from db.services.optimistic_lock import check_version
from domain.enums import EventKind
from domain.ids import WebhookDeliveryId, WebhookId, new_id
from domain.user_errors import UserErrorCode, invalid_input
from domain.webhooks import MAX_WEBHOOKS, new_secret


async def create_webhook(
    transaction: Transaction, url: str, event_kinds: Sequence[EventKind]
) -> tuple[WebhookRow, str]:
    """Create a webhook and return it with its secret. Four statements. Raises InvalidInput at the limit."""
    await transaction.rows(commands.lock_webhooks)
    [found] = await transaction.rows(commands.count_webhooks)
    if found.count >= MAX_WEBHOOKS:
        raise invalid_input(UserErrorCode.LIMIT_REACHED, f"Limit of {MAX_WEBHOOKS} webhooks reached; delete one first.")
    id, secret, kinds = WebhookId(new_id()), new_secret(), [kind.value for kind in event_kinds]
    [webhook] = await transaction.rows(
        commands.insert_webhook, webhook_id=id, url=url, event_kinds=kinds, secret=secret
    )
    await write_audit_entry(transaction, "create", "Webhook", id, {}, {"url": url, "event_kinds": kinds})
    return webhook, secret


async def set_enabled(
    transaction: Transaction, id: WebhookId, enabled: bool, expected_version: int | None
) -> WebhookRow:
    """Enable or disable a webhook. Three statements. Raises like `_lock`."""
    await _lock(transaction, id, expected_version)
    [webhook] = await transaction.rows(commands.set_enabled, webhook_id=id, enabled=enabled)
    await write_audit_entry(transaction, "setEnabled", "Webhook", id, {}, {"enabled": enabled})
    return webhook


async def delete_webhook(transaction: Transaction, id: WebhookId, expected_version: int | None) -> None:
    """Delete a webhook with its deliveries. Three statements. Raises like `_lock`."""
    webhook = await _lock(transaction, id, expected_version)
    await transaction.rows(commands.delete_webhook, webhook_id=id)
    await write_audit_entry(transaction, "delete", "Webhook", id, {"url": webhook.url}, {})


async def _lock(transaction: Transaction, id: WebhookId, expected_version: int | None) -> WebhookRow:
    """Raises InvalidInput for an unknown webhook, and VersionConflict."""
    webhook = await transaction.row(commands.lock_webhook, webhook_id=id)
    if webhook is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Webhook not found.", "id")
    check_version(webhook, expected_version)
    return webhook


async def replay_delivery(transaction: Transaction, id: WebhookDeliveryId) -> WebhookDeliveryRow:
    """Send a message again, with the same id. Two statements. Raises InvalidInput for an unknown one."""
    delivery = await transaction.row(commands.replay_delivery, delivery_id=id)
    if delivery is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Delivery not found.", "id")
    await write_audit_entry(transaction, "replay", "WebhookDelivery", id, {}, {"webhook": delivery.webhook_id})
    return delivery
