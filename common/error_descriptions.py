"""Describes exceptions for logs, traces and tables that operators read: without the values in their messages."""

import re
from collections.abc import Iterator
from typing import ClassVar

_MAX_LENGTH = 300
# Classes of SQLSTATE whose messages name parts of the schema or the server. Others quote values, such as 22 (data
# exceptions). The detail of any error may have a row.
_NAMING_CLASSES = frozenset(("08", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"))
_NAMES = ("schema_name", "table_name", "column_name", "constraint_name")
# Of libraries whose subclasses of OSError quote addresses and commands.
_QUOTING_MODULES = ("smtplib", "redis.", "requests.", "urllib.")
# The first word of a reply of Redis. A pipeline prefixes it with the command, and may quote the reply.
_REPLY_CODE = re.compile(r"""(?:^|caused error: (?:\(['"])?)([A-Z]{2,})\b""")


class PlainMessage:
    """Base of exceptions whose messages never have values of clients."""

    __slots__ = ()
    has_plain_message: ClassVar[bool] = True


def describe_error(error: BaseException) -> str:
    """Return the class, and what is known without values: SQLSTATE and names of parts of the schema, or the message."""
    details = describe_details(error)
    return f"{type(error).__name__}: {details}" if details else type(error).__name__


def describe_details(error: BaseException) -> str:
    return "; ".join(_details(error))[:_MAX_LENGTH]


def _details(error: BaseException) -> Iterator[str]:
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        if sqlstate[:2] in _NAMING_CLASSES and error.args:
            yield str(error.args[0])
        yield f"SQLSTATE {sqlstate}"
        for name in _NAMES:
            value = getattr(error, name, None)
            if isinstance(value, str):
                yield f"{name.removesuffix('_name')} {value}"
        return
    if isinstance(getattr(error, "smtp_code", None), int):
        yield f"status {getattr(error, 'smtp_code')}"  # noqa: B009 - not an attribute of all exceptions
        return
    message = str(error)
    if _is_plain(error, message):
        yield message
    elif type(error).__module__.startswith("redis.") and (code := _REPLY_CODE.search(message)) is not None:
        yield code[1]


def _is_plain(error: BaseException, message: str) -> bool:
    if isinstance(error, PlainMessage):
        return True
    if isinstance(error, OSError) and not type(error).__module__.startswith(_QUOTING_MODULES):
        return True
    return message in _raising_literals(error)


def _raising_literals(error: BaseException) -> tuple[object, ...]:
    """The constants of the function that raised it, of which a message without values is one."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return () if traceback is None else traceback.tb_frame.f_code.co_consts
