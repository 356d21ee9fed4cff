"""The engine's errors, compared with the project's."""

import domain.errors
import engine.errors
from common.errors import ClientError


def test_domain_lists_every_code_of_the_engine() -> None:
    codes = {code.name: code.value for code in domain.errors.ErrorCode}
    assert {code.name: code.value for code in engine.errors.ErrorCode}.items() <= codes.items()


def test_every_error_of_the_engine_has_a_code() -> None:
    classes = [value for value in vars(engine.errors).values() if isinstance(value, type)]
    errors = [one for one in classes if issubclass(one, ClientError) and one.__module__ == "engine.errors"]
    assert errors
    assert {one.code for one in errors} <= set(engine.errors.ErrorCode)
