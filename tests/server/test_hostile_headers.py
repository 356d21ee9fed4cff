"""Headers that take the usual parsers a time that grows with the square of their length, or are very long."""

import pytest
from starlette.requests import HTTPConnection

from server.http.consistency import get_consistency_token
from server.http.content_negotiation import HTML, JSON, negotiate, negotiate_stream


@pytest.mark.parametrize(
    ("cookie", "token"),
    [
        (b"shinjp_consistency=1-2", "1-2"),
        (b"a=b; shinjp_consistency=1-2; c=d", "1-2"),
        (b"a=b;shinjp_consistency=1-2", "1-2"),
        (b"not_shinjp_consistency=1", None),
        (b"a=shinjp_consistency; shinjp_consistency", ""),
        (b'a="' + rb"\1" * 16_000 + b'"; shinjp_consistency=1-2', "1-2"),
        (b'shinjp_consistency="' + rb"\1" * 16_000 + b'"', '"' + r"\1" * 16_000 + '"'),
        (b";" * 32_000, None),
    ],
)
def test_token_in_cookies(cookie: bytes, token: str | None) -> None:
    connection = HTTPConnection({"type": "http", "headers": [(b"cookie", cookie)]})
    assert get_consistency_token(connection) == token


def test_rest_of_a_long_accept_header_is_ignored() -> None:
    assert negotiate(f"{JSON};q=0.5," + "a," * 2_000 + HTML, (HTML, JSON)) == JSON
    assert negotiate("a," * 16_000, (HTML, JSON)) is None
    assert negotiate("a;" * 16_000, (HTML, JSON)) is None
    assert negotiate_stream("a," * 16_000 + "text/event-stream") is None
