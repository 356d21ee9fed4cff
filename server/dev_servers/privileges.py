"""Runs PostgreSQL as an unprivileged account if the user is root, as which it refuses to run."""

import os
import pwd
import shutil
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError

_CANDIDATES = ("postgres", "nobody")


def drop_privileges_prefix() -> list[str]:
    """Return the command that runs PostgreSQL as another account; empty unless the user is root.

    The account keeps the capability `dac_override`, so that it can read the data directory below directories such as
    root's home without changing their permissions.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root, and `setpriv` (util-linux) to run it as another account is missing. "
            "Run this command as another user, or set DATABASE_URL."
        )
    account = _account()
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--",
    ]


def chown(path: Path) -> None:
    """Change the owner of a path to the account, which PostgreSQL requires."""
    if os.geteuid() == 0:
        account = _account()
        os.chown(path, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd:
    for name in _CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root, and there is no account {' or '.join(_CANDIDATES)}. "
        "Run this command as another user, or set DATABASE_URL."
    )
