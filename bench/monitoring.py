"""Prometheus (Debian: apt install prometheus), with the rules of `deploy/prometheus`, and load for all metrics."""

import asyncio
import json
import re
import socket
import subprocess
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import yaml
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bench.harness import ROOT

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
BOARD = ROOT / "deploy" / "grafana" / "shinjp.json"

QUERIES = (
    "query Books { books(first: 3) { nodes { id title } } }",
    "query Words { vocabulary(first: 5) { nodes { id kanji { id } } } }",
    'query Unknown { node(id: "x") { id } }',
    "{ books { nodes { textbooks { nodes { chapters { nodes { title } } } } } } }",
)
PRIVATE_QUERIES = (
    "query Dashboard { viewer { dashboard { dueNow reviewsToday } } }",
    "query Progress { books(first: 10) { nodes { title progress { percent } } } }",
)
SETTINGS = "mutation Settings($new: Int!) { updateStudySettings(input: {newCardsPerDay: $new}) { errors { code } } }"
EXPORT = "mutation Export { requestExport(input: {kind: CARDS, format: CSV}) { job { id } errors { code } } }"
DASHBOARD = "subscription Dashboard { dashboardUpdated { dueNow } }"
# Within the limit of exports an hour.
_MUTATIONS_PER_EXPORT = 5
# A comparison with a number, which makes an alert of an expression.
_THRESHOLD = re.compile(r"\s*[<>]\s*[\d.]+(e\d+)?(\s*\*\s*[\d.]+)?")


def board_expressions() -> list[str]:
    """The expressions of all panels, in a window that suits a few minutes."""
    panels = json.loads(BOARD.read_text())["panels"]
    return [target["expr"].replace("$__rate_interval", "1m") for panel in panels for target in panel.get("targets", ())]


def rule_expressions() -> list[str]:
    """What is recorded, and what alerts compare with their thresholds."""
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    compared = [
        re.sub(r"^absent\((.*)\)$", r"\1", _THRESHOLD.sub("", rule["expr"]), flags=re.DOTALL)
        for rule in rules
        if "alert" in rule
    ]
    return [rule["record"] for rule in rules if "record" in rule] + compared


@asynccontextmanager
async def prometheus(target: str, folder: Path, interval: str = "500ms") -> AsyncIterator[httpx.AsyncClient]:
    """A server that scrapes the target in each interval, with the rules."""
    (folder / "rules.yml").write_text(RULES.read_text())
    configuration = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "shinjp", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"),
            *(f"--web.listen-address={address}", "--enable-feature=exemplar-storage"),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def query(client: httpx.AsyncClient, path: str = "/api/v1/query", **parameters: str | float) -> list[Any]:
    """The result; empty while the server starts. Raises RuntimeError for an invalid expression."""
    try:
        response = await client.get(path, params=parameters)
    except httpx.ConnectError:
        return []
    if response.status_code == 503:
        return []
    if response.status_code != 200:
        raise RuntimeError(f"{parameters}: {response.text}")
    data = response.json()["data"]
    found: list[Any] = data["result"] if isinstance(data, dict) else data
    return found


class MonitoredLoad:
    """Requests of all kinds to a server with a worker. `address`: of the endpoint. `token`: of a learner."""

    def __init__(self, address: str, token: str, requests_per_round: int = 5) -> None:
        self._address = address
        self._token = token
        self._headers = {"Authorization": f"Bearer {token}"}
        self._requests = requests_per_round

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send requests until the context exits. Raises the error of a client that ended before."""
        async with httpx.AsyncClient(timeout=60) as http:
            clients: list[Coroutine[Any, Any, None]] = [
                self._send_queries(http), self._send_mutations(http), self._read_stream(http), self._read_socket(),
            ]  # fmt: skip
            tasks = [asyncio.create_task(client) for client in clients]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _send_queries(self, http: httpx.AsyncClient) -> None:
        traced = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        while True:
            posts = [self._post(http, text, {}) for text in QUERIES * self._requests]
            posts += [self._post(http, text, self._headers | traced) for text in PRIVATE_QUERIES]
            await asyncio.gather(*posts)

    async def _send_mutations(self, http: httpx.AsyncClient) -> None:
        for number in count():
            if number % _MUTATIONS_PER_EXPORT == 0:
                await self._post(http, EXPORT, self._headers)
            await self._post(http, SETTINGS, self._headers, {"new": 5 + number % 2})
            await asyncio.sleep(2)

    async def _post(
        self,
        http: httpx.AsyncClient,
        text: str,
        headers: Mapping[str, str],
        variables: Mapping[str, object] | None = None,
    ) -> None:
        body = {"query": text, "variables": variables or {}}
        response = await http.post(self._address, json=body, headers=headers)
        if response.status_code == 401:
            raise RuntimeError(response.text)

    async def _read_stream(self, http: httpx.AsyncClient) -> None:
        headers = self._headers | {"Accept": "text/event-stream"}
        async with http.stream(
            "POST", self._address, json={"query": DASHBOARD}, headers=headers, timeout=None
        ) as events:
            async for _ in events.aiter_bytes():
                pass

    async def _read_socket(self) -> None:
        address = self._address.replace("http", "ws", 1)
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            for message in (
                {"type": "connection_init", "payload": {"Authorization": f"Bearer {self._token}"}},
                {"type": "subscribe", "id": "1", "payload": {"query": DASHBOARD}},
            ):
                await socket.send(json.dumps(message))
            with suppress(asyncio.CancelledError):
                async for _ in socket:
                    pass
