"""A pytest plugin for the tests of graphql-core and Strawberry: executes all operations by plans, compiled on the first
run. Tests of known differences must fail.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from graphql.execution import Executor
from graphql.execution.execute import assume_not_awaitable
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental.incremental_executor import IncrementalExecutor
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.request import plan_cache
from engine.run import execute

# By its path: in these suites the package `tests` is their own.
_spec = spec_from_file_location("planned_executor", Path(__file__).parents[1] / "engine" / "planned_executor.py")
assert _spec is not None
assert _spec.loader is not None
_planned_executor = module_from_spec(_spec)
_spec.loader.exec_module(_planned_executor)

# Tests that fail because of a known difference. `docs/execution.md` explains each.
DIFFERENCES = {
    "coroutines that are not awaited are closed instead of running in the background": [
        "test_executor.py::describe_execute_handles_basic_execution_tasks"
        "::handles_sync_errors_combined_with_async_ones_in_async_context",
        "test_lists.py::describe_execute_handles_abrupt_completion_in_synchronous_iterables"
        "::handles_iterator_errors_with_later_pending_awaitables",
        "test_lists.py::describe_execute_handles_abrupt_completion_in_synchronous_iterables"
        "::handles_sync_errors_with_later_pending_awaitables",
        "test_lists.py::describe_execute_accepts_async_iterables_as_list_value"
        "::handles_mixture_of_sync_and_async_errors_in_async_iterables",
    ],
    "the order of errors, and the errors reported below a position that became null": [
        f"test_nonnull.py::describe_execute_handles_non_nullable_types::{name}"
        for name in (
            "describe_nulls_a_complex_tree_of_nullable_fields_each::throws",
            "describe_handles_multiple_errors_for_a_single_response_position"
            "::nullable_and_non_nullable_root_fields_throw_nested_errors",
            "describe_handles_multiple_errors_for_a_single_response_position"
            "::slower_nullable_after_non_nullable_root_field",
            "describe_handles_multiple_errors_for_a_single_response_position"
            "::nullable_and_non_nullable_nested_fields_throw_nested_errors",
            "describe_handles_multiple_errors_for_a_single_response_position"
            "::slower_nullable_after_non_nullable_nested_field",
        )
    ],
    "info is not a tuple": [
        "test_executor.py::describe_execute_handles_basic_execution_tasks::provides_info_about_current_execution_state",
    ],
    "the test says that nothing is awaitable, which this plugin overrules": [
        f"test_sync.py::describe_execute_synchronously_when_possible::{name}"
        for name in (
            "describe_execute_sync::throws_if_encountering_async_operation_without_check_sync",
            "describe_execute_sync::iterates_sync_and_async_iterables_synchronously_without_check_sync",
            "describe_execute_sync::reports_async_iterables_as_errors_without_check_sync",
            "describe_graphql_sync::throws_if_encountering_async_operation_without_check_sync",
        )
    ],
}

plan_cache.COMPILE_ON_RUN = 1

counted = {"by plans": 0}


def _by_plans(class_: Any) -> None:
    original = class_.execute_operation

    def execute_operation(self: Any, serially: bool | None = None) -> Any:
        # Many tests execute without an event loop and say that nothing is awaitable, which plans leave to graphql-core.
        if self.is_awaitable is assume_not_awaitable:
            self.is_awaitable, self.is_async_iterable = is_awaitable, is_async_iterable
        # Subclasses in tests override the method themselves.
        run = _planned_executor.try_plan(self, serially) if type(self) is class_ else None
        if run is None:
            return original(self, serially)
        counted["by plans"] += 1
        return execute.execute(run)

    class_.execute_operation = execute_operation


for _class in (Executor, ExecutorThrowingOnIncremental, IncrementalExecutor, StrawberryGraphQLCoreExecutionContext):
    _by_plans(_class)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for reason, tests in DIFFERENCES.items():
        for item in items:
            if item.nodeid.rpartition("/")[2] in tests:
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"operations by plans: {counted['by plans']}, others: {dict(execute.fallback_counts)}")
