"""Sends events to the webhooks of operators."""

import asyncio
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import asyncpg
import httpx2
import structlog

from common.error_descriptions import describe_error
from common.tracing.collector import TraceCollector
from common.tracing.span_types import WEBHOOK
from common.tracing.trace import trace_headers
from db.notify.webhook_outbox import (
    WEBHOOKS_CHANNEL,
    Delivery,
    claim_deliveries,
    seconds_until_next,
    settle_delivery,
)
from domain.webhooks import RETRY_DELAYS, DeliveryState, is_public_address, is_usable_url, signed_headers
from jobs.outbox_loop import run_outbox

log = structlog.get_logger()

_TIMEOUT_SECONDS = 15.0
_PORTS = {"https": 443, "http": 80}
_MAX_ERROR = 300


class _Refused(Exception):
    """The address must not be called."""


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """`allow_private`: whether http and private addresses may be called."""

    allow_private: bool
    traces: TraceCollector = field(default_factory=TraceCollector)

    async def run(self, database_url: str, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set, completing a batch in progress. Waits during outages of the database."""
        await run_outbox(database_url, WEBHOOKS_CHANNEL, stopping, self.send_batch, seconds_until_next)

    async def send_batch(self, connection: asyncpg.Connection) -> int:
        """Send a batch of due deliveries, concurrently. Return its size."""
        deliveries = await claim_deliveries(connection)
        results = await asyncio.gather(*map(self._trace, deliveries))
        for delivery, (status, error) in zip(deliveries, results, strict=True):
            log.info("webhook called", delivery_id=str(delivery.id), status=status, error=error)
            if error is None:
                await settle_delivery(connection, delivery, DeliveryState.DELIVERED, status, None)
            elif delivery.attempts > len(RETRY_DELAYS):
                await settle_delivery(connection, delivery, DeliveryState.FAILED, status, error)
            else:
                delay = RETRY_DELAYS[delivery.attempts - 1]
                await settle_delivery(connection, delivery, DeliveryState.PENDING, status, error, delay)
        return len(deliveries)

    async def _trace(self, delivery: Delivery) -> tuple[int | None, str | None]:
        """Send it in a trace of its own: `gather` creates a task for each delivery."""
        trace = self.traces.start()
        status, error = await self._send(delivery)
        ended_at = time.perf_counter()
        failed = error is not None
        if self.traces.keeps(trace, ended_at - trace.started_at, failed=failed, may_be_slow=False):
            attributes = {"http.response.status_code": status, "shinjp.delivery.id": str(delivery.id)}
            kind = None if not failed else "no response" if status is None else str(status)
            self.traces.end(trace, WEBHOOK, "webhook", ended_at, attributes, error=kind, may_be_slow=False)
        return status, error

    async def _send(self, delivery: Delivery) -> tuple[int | None, str | None]:
        """Return the status of the response, and why the message was not accepted."""
        body = delivery.payload.encode()
        headers = signed_headers(delivery.secret, delivery.id, body, int(time.time())) | trace_headers()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                status = await self._post(delivery.url, body, headers)
        except TimeoutError:
            return None, f"No response within {_TIMEOUT_SECONDS:g} seconds."
        except _Refused as error:
            return None, str(error)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
            return None, describe_error(error)[:_MAX_ERROR]
        return status, None if 200 <= status < 300 else f"The response has the status {status}."

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Call the address that was checked, so that a name server cannot replace it by another one."""
        if not is_usable_url(url, self.allow_private):
            raise _Refused("The URL is not public, or not https.")
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = await self._resolve(host, port)
        numeric = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{numeric}:{port}", fragment="").geturl()
        given = {**headers, "Host": parts.netloc, "Content-Type": "application/json", "User-Agent": "ShinJP"}
        # Neither proxies nor redirects, which would lead to addresses that were not checked. The body is not read.
        async with (
            httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", target, content=body, headers=given, extensions={"sni_hostname": host}) as response,
        ):
            return response.status_code

    async def _resolve(self, host: str, port: int) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not self.allow_private and not all(map(is_public_address, addresses)):
            raise _Refused("The host has a private address.")
        return addresses[0]
