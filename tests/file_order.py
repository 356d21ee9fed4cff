"""A plugin that runs slow files first, so that no process is left with a slow one at the end.

xdist gives files to processes in the order of collection. Other files keep theirs.
"""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]

# Slowest first.
SLOWEST = (
    "tests/server/test_cli.py",
    "tests/server/test_job_faults.py",
    "tests/server/test_faults.py",
    "tests/server/test_embedded.py",
    "tests/clients/test_clients.py",
    "tests/server/test_graphiql.py",
    "tests/server/test_interruptions.py",
    "tests/test_package.py",
    "tests/server/test_exports.py",
    "tests/server/test_lazy_imports.py",
    "tests/server/test_http_caching.py",
    "tests/server/test_export_columns.py",
    "tests/server/test_field_cache_model.py",
    "tests/engine/test_footprint.py",
    "tests/server/test_embedded_restarts.py",
    "tests/server/test_field_cache.py",
    "tests/server/test_shutdown.py",
    "tests/server/test_supervisor.py",
    "tests/resolvers/mutations/test_users.py",
    "tests/resolvers/mutations/test_reviews.py",
    "tests/resolvers/mutations/test_reading.py",
    "tests/schema/test_edge_values.py",
    "tests/engine/test_differential.py",
    "tests/statements/test_statements.py",
)
_RANKS = {name: rank for rank, name in enumerate(SLOWEST)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _RANKS.get(_name(item), len(SLOWEST)))


def _name(item: pytest.Item) -> str:
    return item.path.relative_to(_ROOT).as_posix() if item.path.is_relative_to(_ROOT) else ""
