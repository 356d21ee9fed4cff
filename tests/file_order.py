"""A plugin that runs slow files first, so that no process is left with a slow one at the end.

xdist gives files to processes in the order of collection. Other files keep theirs.
"""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]

# Slowest first, in seconds on two idle cores: from sixty to eight.
SLOWEST = (
    "tests/server/test_cli.py",
    "tests/server/test_job_faults.py",
    "tests/db/test_content_loading.py",
    "tests/test_package.py",
    "tests/clients/test_clients.py",
    "tests/server/test_supervisor.py",
    "tests/server/test_shutdown.py",
    "tests/server/test_memory_bounds.py",
    "tests/server/test_stalled_log.py",
    "tests/engine/test_footprint.py",
    "tests/server/test_graphiql.py",
    "tests/schema/test_edge_values.py",
    "tests/db/test_plain_owner.py",
    "tests/cache/test_topologies.py",
    "tests/server/test_streams.py",
    "tests/server/test_faults.py",
    "tests/jobs/test_language_model.py",
    "tests/server/test_embedded.py",
    "tests/resolvers/mutations/test_users.py",
    "tests/server/test_interruptions.py",
    "tests/server/test_exports.py",
    "tests/resolvers/mutations/test_reviews.py",
    "tests/engine/test_shapes.py",
    "tests/server/test_lazy_imports.py",
    "tests/jobs/test_worker.py",
    "tests/server/test_dashboard_clock.py",
    "tests/statements/test_statements.py",
    "tests/server/test_deployment_docs.py",
    "tests/server/test_outage_log.py",
    "tests/resolvers/test_pagination.py",
    "tests/db/test_migrations.py",
    "tests/server/test_field_cache.py",
    "tests/server/test_embedded_restarts.py",
    "tests/server/test_busy_pool.py",
    "tests/resolvers/test_page_info.py",
)
_RANKS = {name: rank for rank, name in enumerate(SLOWEST)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _RANKS.get(_name(item), len(SLOWEST)))


def _name(item: pytest.Item) -> str:
    return item.path.relative_to(_ROOT).as_posix() if item.path.is_relative_to(_ROOT) else ""
