"""Names statements by their variables, for metrics."""

import sys

from db.core.caller_name import short_name
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Statement

_PACKAGES = ("db.queries.", "db.commands.")


def name_statements() -> None:
    """Name the statements and lists of imported modules, such as `queries.books.book_by_id`."""
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(_PACKAGES):
            for name, value in vars(module).items():
                if isinstance(value, Statement | PagedQuery | NestedPagedQuery):
                    value.name = f"{short_name(module_name)}.{name}"
