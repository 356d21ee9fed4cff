"""SQL that sets the viewer of a transaction, which row-level security policies read with `current_setting`."""

from domain.viewer import Viewer


def begin_sql(viewer: Viewer, *, read_only: bool = False, snapshot: bool = False, is_distributed: bool = False) -> str:
    """Return statements that start a transaction with the RLS context of the viewer, for one round trip.

    `snapshot`: a read-only transaction whose statements all see the same snapshot. `is_distributed`: see `viewer_sql`.

    The values are formatted into the SQL, because parameters would need another round trip. Both are safe: a UUID and
    the value of an enum.
    """
    kind = " isolation level repeatable read read only" if snapshot else " read only" if read_only else ""
    return f"begin{kind}; {viewer_sql(viewer, is_distributed=is_distributed)}"


def viewer_sql(viewer: Viewer, *, is_distributed: bool = False) -> str:
    """Return the statement that sets the viewer of the present transaction.

    `is_distributed`: by SET LOCAL, which Citus sends to other servers with the next statement. Otherwise by a function,
    because pg_stat_statements would count a SET of each viewer apart.
    """
    user_id, role = rls_settings(viewer)
    if is_distributed:
        return f"set local app.user_id = '{user_id}'; set local app.role = '{role}'"
    settings = _set_config(f"'{user_id}'", f"'{role}'")
    return f"select {settings}"


def with_rls_context(sql: str, parameters: int) -> str:
    """Wrap a query of `parameters` parameters so that it sets the RLS context itself, without a transaction around it.

    The values of `rls_settings` are passed as two additional parameters at the end. The condition does not depend on a
    row, and `OFFSET 0` keeps the subquery separate from it: PostgreSQL evaluates it once before anything else (the
    `One-Time Filter` at the top of the plan). If that ever changed, the query would run without a viewer, to whom
    row-level security shows nothing.
    """
    settings = _set_config(f"${parameters + 1}", f"${parameters + 2}")
    return f"SELECT answer.* FROM ({sql} OFFSET 0) AS answer WHERE (SELECT {settings}) IS NOT NULL"  # noqa: S608  # of a statement and names of parameters


def _set_config(user_id: str, role: str) -> str:
    """Return an expression, never null, that sets both settings until the end of the transaction."""
    return f"set_config('app.user_id', {user_id}, true) || set_config('app.role', {role}, true)"


def rls_settings(viewer: Viewer) -> tuple[str, str]:
    """Return the values of app.user_id and app.role."""
    return viewer.id.hex, viewer.role.value
