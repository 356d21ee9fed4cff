"""How a session says for whom it works. Row-level security reads it from settings that end with the transaction."""

from domain.viewer import Viewer


def begin_sql(viewer: Viewer, *, read_only: bool = False, snapshot: bool = False) -> str:
    """What begins a transaction and names the viewer, in one round trip.

    `snapshot`: it only reads, and all its statements see the same moment.

    Formatted into the text, for parameters would take a round trip of their own. Both values are ours: a UUID and one
    of three words.
    """
    kind = " isolation level repeatable read read only" if snapshot else " read only" if read_only else ""
    user_id, role = rls_settings(viewer)
    named = _set(f"'{user_id}'", f"'{role}'")
    return f"begin{kind}; select {named}"


def with_rls_context(sql: str, parameters: int) -> str:
    """The statement, of so many parameters, which names the viewer itself: it needs no transaction around it.

    Two parameters more come last, `rls_settings`. The condition depends on no row, and `OFFSET 0` keeps what is
    below apart from it: PostgreSQL decides it once, before it runs anything else (the `One-Time Filter` at the top of
    the plan). If that did not hold, the viewer would be nobody, to whom row-level security shows nothing.
    """
    named = _set(f"${parameters + 1}", f"${parameters + 2}")
    return f"SELECT answer.* FROM ({sql} OFFSET 0) AS answer WHERE (SELECT {named}) IS NOT NULL"  # noqa: S608  # of a statement and names of parameters


def _set(user_id: str, role: str) -> str:
    """An expression that sets both for the transaction. It is not null."""
    return f"set_config('app.user_id', {user_id}, true) || set_config('app.role', {role}, true)"


def rls_settings(viewer: Viewer) -> tuple[str, str]:
    """The values of app.user_id and app.role."""
    return viewer.id.hex, viewer.role.value
