"""The account that PostgreSQL runs as. It refuses to run as root."""

import os
import pwd
import shutil
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError

_CANDIDATES = ("postgres", "nobody")


def command_prefix() -> list[str]:
    """What to put before a command of PostgreSQL's: nothing for an ordinary user.

    Root becomes another account. The one capability that it keeps lets it reach files below directories that are
    closed to others, such as root's home: no permission of the user's directories is changed.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root, and `setpriv` (util-linux), which would run it as another account, "
            "is not here. Run this as an ordinary user, or set DATABASE_URL."
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


def give_away(path: Path) -> None:
    """Makes a directory belong to the account, which PostgreSQL insists on."""
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
        "Run this as an ordinary user, or set DATABASE_URL."
    )
