"""The rules and the board of `deploy/`, with Debian's Prometheus. `make monitoring` runs all of it."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from server.setting_fields import PROJECT_ROOT
from server.settings import Settings
from tests.processes import server_process

PROMETHEUS, BOARD = PROJECT_ROOT / "deploy" / "prometheus", PROJECT_ROOT / "deploy" / "grafana" / "shinjp.json"
RULES = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
SETTINGS = {name.upper() for name in Settings.model_fields}
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed.")
# They have values only after such an event, so that their absence is right.
RARE = re.compile(r"graphql_server_request_errors|shinjp_fallback_operations|shinjp_job_duration|connection_wait_time")


def board_expressions() -> list[str]:
    panels = json.loads(BOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def test_board_is_the_one_that_the_program_writes() -> None:
    written = subprocess.run(
        [sys.executable, PROJECT_ROOT / "deploy" / "grafana" / "board.py"], capture_output=True, check=True, text=True
    )
    assert written.stdout == BOARD.read_text()
    panels = json.loads(written.stdout)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 25


def test_each_alert_is_documented_and_tested() -> None:
    names = [alert["alert"] for alert in ALERTS]
    assert len(set(names)) == len(names) > 10
    documented = re.findall(r"^\| ([A-Z]\w+) \|", (PROJECT_ROOT / "docs" / "operations.md").read_text(), re.M)
    assert documented == names
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yml").read_text())["tests"]
    fired = {test["alertname"] for case in tests for test in case["alert_rule_test"] if test["exp_alerts"]}
    assert fired == set(names)


def test_compose_file_names_existing_files_and_settings() -> None:
    services = yaml.safe_load((PROJECT_ROOT / "deploy" / "monitoring.yml").read_text())["services"]
    for service in services.values():
        assert {name for name in service.get("environment", {}) if name.startswith("METRICS")} <= SETTINGS
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith("./") or (PROJECT_ROOT / source).exists(), source
    ports = {service["environment"]["METRICS_PORT"] for name, service in services.items() if name in ("api", "worker")}
    scrapes = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"][0]["dns_sd_configs"]
    assert {str(scrape["port"]) for scrape in scrapes} == ports


@needs_promtool
async def test_alerts_fire_when_they_should() -> None:
    for arguments in (("check", "rules", "rules.yml"), ("test", "rules", "rules.test.yml")):
        process = await asyncio.create_subprocess_exec(
            *("promtool", *arguments), cwd=PROMETHEUS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()


@asynccontextmanager
async def prometheus(target: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server that scrapes the target twice a second, with the rules."""
    (folder / "rules.yml").write_text((PROMETHEUS / "rules.yml").read_text())
    configuration = {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "shinjp", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"),
            f"--web.listen-address={address}",
            stdout=log,
            stderr=log,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def evaluate(client: httpx.AsyncClient, expression: str) -> list[Any]:
    try:
        response = await client.get("/api/v1/query", params={"query": expression})
    except httpx.ConnectError:
        # It starts.
        return []
    if response.status_code == 503:
        return []
    assert response.status_code == 200, (expression, response.text)
    found: list[Any] = response.json()["data"]["result"]
    return found


@pytest.mark.skipif("MONITORING" not in os.environ, reason="`make monitoring` runs it, with Debian's Prometheus.")
@pytest.mark.timeout(300)
async def test_every_expression_has_data(content_database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": content_database_url, "REDIS_URL": redis_url}
    async with server_process(tmp_path / "log", "--workers", "4", **settings) as server:
        target = server.address.removeprefix("http://").removesuffix("/graphql")
        async with prometheus(target, tmp_path) as client, httpx.AsyncClient(timeout=30) as users:

            async def load() -> None:
                while True:
                    queries = [
                        "query Books { books(first: 3) { nodes { id title } } }",
                        "query Words { vocabulary(first: 5) { nodes { id kanji { id } } } }",
                        '{ node(id: "x") { id } }',
                    ]
                    await asyncio.gather(*(users.post(server.address, json={"query": query}) for query in queries * 5))

            loading = asyncio.create_task(load())
            try:
                async with asyncio.timeout(200):
                    waiting = {
                        expression.replace("$__rate_interval", "1m")
                        for expression in board_expressions()
                        if not RARE.search(expression) and "subscription" not in expression.replace("!=", "")
                    }
                    waiting |= {"shinjp:errors:ratio_rate5m >= 0", "shinjp:slow:ratio_rate5m >= 0"}
                    while waiting:
                        for expression in sorted(waiting):
                            if await evaluate(client, expression):
                                waiting.discard(expression)
                        await asyncio.sleep(0.5)
                    [processes] = await evaluate(client, 'shinjp_processes{kind="server"}')
                    assert processes["value"][1] == "4"
                    alerts = (await client.get("/api/v1/rules")).json()["data"]["groups"][1]["rules"]
                    assert {rule["health"] for rule in alerts} == {"ok"}
            except TimeoutError:
                raise AssertionError(f"without data: {sorted(waiting)}") from None
            finally:
                loading.cancel()
