"""A plugin that runs slow files first, so that no process is left with a slow one at the end.

xdist gives files to processes in the order of collection. Other files keep theirs.
"""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]

# Slowest first: those that take more than about eight seconds on two idle cores.
SLOWEST = (
    "tests/server/test_hostile_routes.py",
    "tests/server/test_cli.py",
    "tests/db/test_content_loading.py",
    "tests/server/test_supervisor.py",
    "tests/server/test_job_faults.py",
    "tests/schema/test_hostile_requests.py",
    "tests/server/test_graphiql.py",
    "tests/server/test_unusable_values.py",
    "tests/schema/test_edge_values.py",
    "tests/clients/test_clients.py",
    "tests/jobs/test_import_sources.py",
    "tests/server/test_export_parameters.py",
    "tests/server/test_memory_bounds.py",
    "tests/server/test_replicas.py",
    "tests/server/test_shutdown.py",
    "tests/server/test_dashboard_expiry.py",
    "tests/server/test_dashboard_events.py",
    "tests/engine/test_footprint.py",
    "tests/db/test_replicas.py",
    "tests/server/test_claims.py",
    "tests/server/test_stalled_log.py",
    "tests/server/test_stream_lifetimes.py",
    "tests/jobs/test_killed_imports.py",
    "tests/schema/test_permissions.py",
    "tests/jobs/test_language_model.py",
    "tests/schema/test_statement_bound.py",
    "tests/server/test_faults.py",
    "tests/resolvers/test_page_info.py",
    "tests/resolvers/mutations/test_corrections.py",
    "tests/server/test_exports.py",
    "tests/schema/test_hostile_streams.py",
    "tests/engine/test_shapes.py",
    "tests/server/test_account_changes.py",
    "tests/cache/test_topologies.py",
    "tests/server/test_embedded.py",
    "tests/server/test_health.py",
    "tests/resolvers/mutations/test_users.py",
    "tests/server/test_response_limits.py",
    "tests/server/test_interruptions.py",
    "tests/schema/test_input_bounds.py",
    "tests/resolvers/mutations/test_reviews.py",
    "tests/server/test_field_cache.py",
    "tests/server/test_signing_keys.py",
    "tests/server/test_deployment_docs.py",
    "tests/statements/test_statements.py",
    "tests/db/test_query_plans.py",
    "tests/db/test_migrations.py",
    "tests/server/test_traces.py",
)
_RANKS = {name: rank for rank, name in enumerate(SLOWEST)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _RANKS.get(_name(item), len(SLOWEST)))


def _name(item: pytest.Item) -> str:
    return item.path.relative_to(_ROOT).as_posix() if item.path.is_relative_to(_ROOT) else ""
