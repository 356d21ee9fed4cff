"""The rules and the board of `deploy/`, with Debian's Prometheus. `make monitoring` runs all of it."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from pydantic import SecretStr

from bench.monitoring import MonitoredLoad, board_expressions, prometheus, query, rule_expressions
from server.auth.development_tokens import issue_token
from server.setting_fields import PROJECT_ROOT
from server.settings import Settings
from tests.clients import TEST_SECRET
from tests.processes import server_process
from tests.replicas import replicated_cluster

PROMETHEUS, BOARD = PROJECT_ROOT / "deploy" / "prometheus", PROJECT_ROOT / "deploy" / "grafana" / "shinjp.json"
RULES = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text()
SETTINGS = {name.upper() for name in Settings.model_fields}
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed.")


def test_board_is_the_one_that_the_program_writes() -> None:
    written = subprocess.run(
        [sys.executable, PROJECT_ROOT / "deploy" / "grafana" / "board.py"], capture_output=True, check=True, text=True
    )
    assert written.stdout == BOARD.read_text()
    panels = json.loads(written.stdout)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 25


def test_board_is_a_dashboard_of_grafana() -> None:
    """Its models keep every value, and lose those that they do not know."""
    register_default_plugins()
    board = json.loads(BOARD.read_text())
    assert kept_by_grafana(board) == board
    panel = board["panels"][1]
    panel["options"]["tooltp"] = panel["targets"][0]["expression"] = "unknown"
    kept = kept_by_grafana(board)["panels"][1]
    assert "tooltp" not in kept["options"]
    assert "expression" not in kept["targets"][0]


def kept_by_grafana(board: dict[str, Any]) -> Any:
    """What of the board Grafana's models represent, without their defaults."""
    encoded = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board)))
    return intersection(board, encoded)


def intersection(left: Any, right: Any) -> Any:
    """What both have in the same places."""
    if isinstance(left, dict) and isinstance(right, dict):
        return {key: intersection(value, right[key]) for key, value in left.items() if key in right}
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [intersection(*pair) for pair in zip(left, right, strict=True)]
    return right


def test_each_alert_is_documented_and_tested() -> None:
    names = [alert["alert"] for alert in ALERTS]
    assert len(set(names)) == len(names) > 10
    documented = re.findall(r"^\| ([A-Z]\w+) \|", OPERATIONS, re.M)
    assert documented == names
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yml").read_text())["tests"]
    fired = {test["alertname"] for case in tests for test in case["alert_rule_test"] if test["exp_alerts"]}
    assert fired == set(names)


def test_compose_file_names_existing_files_and_settings() -> None:
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
    assert compose["include"] == [{"path": "deploy/monitoring.yml", "project_directory": "."}]
    services = yaml.safe_load((PROJECT_ROOT / "deploy" / "monitoring.yml").read_text())["services"]
    assert all(service["profiles"] == ["monitoring"] for service in services.values())
    assert set(services) == {"prometheus", "grafana", "otel-collector", "jaeger"}
    ours = {name: compose["services"][name]["environment"] for name in ("api", "worker")}
    for environment in ours.values():
        assert {name for name in environment if name.startswith("METRICS")} <= SETTINGS
        assert environment["OTLP_ENDPOINT"] == "${OTLP_ENDPOINT:-}"
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith("./") or (PROJECT_ROOT / source).exists(), source
    provisioned = BOARD.parent / "provisioning" / "datasources" / "prometheus.yml"
    sources = {source["uid"]: source for source in yaml.safe_load(provisioned.read_text())["datasources"]}
    assert {urlsplit(source["url"]).hostname for source in sources.values()} <= services.keys()
    [exemplars] = sources["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert exemplars["datasourceUid"] in sources
    ports = {environment["METRICS_PORT"] for environment in ours.values()}
    scrapes = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"][0]["dns_sd_configs"]
    assert {str(scrape["port"]) for scrape in scrapes} == ports
    # The collector receives what is sent to the documented address, and sends it to a service.
    collector = yaml.safe_load((PROJECT_ROOT / "deploy" / "otel-collector.yml").read_text())
    [address] = re.findall(r"^OTLP_ENDPOINT=(\S+) docker compose --profile monitoring up", OPERATIONS, re.M)
    assert (
        f"OTLP_ENDPOINT={address} docker compose --profile monitoring"
        in (PROJECT_ROOT / "docker-compose.yml").read_text()
    )
    received = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert (urlsplit(address).hostname, urlsplit(address).port) == ("otel-collector", urlsplit(f"//{received}").port)
    assert urlsplit(f"//{collector['exporters']['otlp']['endpoint']}").hostname in services
    [(signal, pipeline)] = collector["service"]["pipelines"].items()
    assert (signal, pipeline["receivers"], pipeline["exporters"]) == ("traces", ["otlp"], ["otlp"])
    assert set(pipeline["processors"]) == collector["processors"].keys()


@needs_promtool
async def test_alerts_fire_when_they_should() -> None:
    for arguments in (("check", "rules", "rules.yml"), ("test", "rules", "rules.test.yml")):
        process = await asyncio.create_subprocess_exec(
            *("promtool", *arguments), cwd=PROMETHEUS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()


@pytest.mark.skipif("MONITORING" not in os.environ, reason="`make monitoring` runs it, with Debian's Prometheus.")
@pytest.mark.timeout(400)
async def test_every_expression_has_data(redis_url: str, tmp_path: Path) -> None:
    """Of the board and of the alerts, for four processes, a worker and a replica; and exemplars are stored."""
    async with replicated_cluster(tmp_path) as cluster:
        databases = {
            "DATABASE_URL": cluster.url(cluster.primary),
            "REPLICA_DATABASE_URLS": cluster.url(cluster.replica),
        }
        await expressions_have_data(databases | {"REDIS_URL": redis_url}, tmp_path)


async def expressions_have_data(settings: dict[str, str], tmp_path: Path) -> None:
    settings |= {
        "JWT_SECRET": TEST_SECRET,
        "EXPORT_DIR": str(tmp_path / "exports"),
        "RESOLVER_METRICS_RATIO": "0.2",
        # Only then traces are kept for the flag of a request.
        "OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    async with server_process(tmp_path / "log", "--workers", "4", "--worker", **settings) as server:
        target = server.address.removeprefix("http://").removesuffix("/graphql")
        token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "demo")
        async with prometheus(target, tmp_path) as client, MonitoredLoad(server.address, token).running():
            waiting = {*board_expressions(), *rule_expressions()}
            try:
                async with asyncio.timeout(300):
                    while waiting:
                        for expression in sorted(waiting):
                            if await query(client, query=expression):
                                waiting.discard(expression)
                        await asyncio.sleep(0.5)
            except TimeoutError:
                raise AssertionError(f"without data: {sorted(waiting)}") from None
            [processes] = await query(client, query='shinjp_processes{kind="server"}')
            assert processes["value"][1] == "4"
            [worker] = await query(client, query='shinjp_processes{kind="worker"}')
            assert worker["value"][1] == "1"
            alerts = (await client.get("/api/v1/rules")).json()["data"]["groups"][1]["rules"]
            assert {rule["health"] for rule in alerts} == {"ok"}
            histogram = "graphql_server_request_duration_seconds_bucket"
            found = await query(client, "/api/v1/query_exemplars", query=histogram, start=0, end=2**32)
            operations = {series["seriesLabels"]["graphql_operation_name"] for series in found if series["exemplars"]}
            assert {"Dashboard", "Progress"} <= operations
