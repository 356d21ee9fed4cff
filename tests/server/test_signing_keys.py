"""Keys from a JWKS URL: forged key ids cause neither a request each nor internal errors."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from domain.errors import ServiceUnavailable, Unauthenticated
from server.auth import signing_keys
from server.auth.signing_keys import SigningKeys
from server.auth.tokens import TokenVerifier
from tests.clients import settings_of
from tests.server.test_authentication import EC_KEY, RSA_KEY, claims

RSA = jwt.get_algorithm_by_name("RS256").to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "rsa", "use": "sig"}
EC = jwt.get_algorithm_by_name("ES256").to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "ec", "use": "sig"}


@dataclass
class KeyServer:
    """An HTTP server of a key set. `body`: its response; None to close the connection."""

    body: bytes | None
    url: str = ""
    requests: int = 0
    open_gate: threading.Event = field(default_factory=threading.Event)


@contextmanager
def key_server(*keys: Any) -> Iterator[KeyServer]:
    state = KeyServer(json.dumps({"keys": keys}).encode())
    state.open_gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests += 1
            state.open_gate.wait(10)
            if state.body is not None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(state.body)

        def log_message(self, *_: object) -> None:
            """Disables logging to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    try:
        yield state
    finally:
        state.open_gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def verifier(keys: KeyServer) -> TokenVerifier:
    return TokenVerifier(settings_of("postgresql://nowhere", None, jwt_jwks_url=keys.url))


def token(key: Any, algorithm: str, **header: Any) -> str:
    return jwt.encode(claims(), key, algorithm=algorithm, headers=header)


async def test_flood_of_unknown_key_ids_causes_one_request() -> None:
    with key_server(RSA, EC) as server:
        tokens = verifier(server)
        await tokens.verify(token(RSA_KEY, "RS256", kid="rsa"))
        flood = [tokens.verify(token(EC_KEY, "ES256", kid=f"unknown {n}")) for n in range(100)]
        refused = await asyncio.gather(*flood, return_exceptions=True)
        assert all(isinstance(error, Unauthenticated) and "unknown" in error.message for error in refused)
        # Tokens with a known key do not wait for it.
        await tokens.verify(token(EC_KEY, "ES256", kid="ec"))
        assert server.requests == 1


async def test_flood_during_an_outage_of_the_keys_causes_one_request() -> None:
    with key_server() as server:
        server.body = None
        tokens = verifier(server)
        flood = [tokens.verify(token(RSA_KEY, "RS256", kid=f"rsa {n}")) for n in range(100)]
        refused = await asyncio.gather(*flood, return_exceptions=True)
        assert {type(error) for error in refused} == {ServiceUnavailable}
        assert server.requests == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "?"}]}', b"\xff", None])
async def test_invalid_key_set_is_an_outage(body: bytes | None) -> None:
    with key_server() as server:
        server.body = body
        with pytest.raises(ServiceUnavailable):
            await verifier(server).verify(token(RSA_KEY, "RS256", kid="rsa"))


@pytest.mark.parametrize(
    ("key", "algorithm", "header"),
    [
        (RSA_KEY, "RS256", {"kid": "ec"}),
        (EC_KEY, "ES256", {"kid": "rsa"}),
        (RSA_KEY, "RS512", {"kid": "rsa"}),
        (RSA_KEY, "RS256", {}),
        (RSA_KEY, "RS256", {"kid": ""}),
        (RSA_KEY, "RS256", {"kid": "x" * 5_000}),
        (RSA_KEY, "RS256", {"kid": "rsa", "crit": ["exp"]}),
    ],
)
async def test_token_with_mismatching_key_is_rejected(key: Any, algorithm: str, header: dict[str, Any]) -> None:
    with key_server(RSA, EC) as server, pytest.raises(Unauthenticated):
        await verifier(server).verify(token(key, algorithm, **header))


async def test_new_key_is_fetched_and_withdrawn_key_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    with key_server(RSA) as server:
        keys = SigningKeys(server.url)
        assert await keys.key("rsa")
        server.body = json.dumps({"keys": [EC]}).encode()
        monkeypatch.setattr(keys, "_fetch_after", 0.0)
        assert await keys.key("ec")
        with pytest.raises(Unauthenticated):
            await keys.key("rsa")
        assert server.requests == 2


async def test_known_keys_are_used_during_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_keys, "LIFESPAN_SECONDS", 0.0)
    with key_server(RSA) as server:
        keys = SigningKeys(server.url)
        assert await keys.key("rsa")
        server.body = None
        monkeypatch.setattr(keys, "_fetch_after", 0.0)
        assert await keys.key("rsa")
        assert server.requests == 2
        monkeypatch.setattr(signing_keys, "MAX_STALE_SECONDS", 0.0)
        with pytest.raises(ServiceUnavailable):
            await keys.key("rsa")


async def test_cancelled_waiter_does_not_cancel_the_request() -> None:
    with key_server(RSA) as server:
        server.open_gate.clear()
        keys = SigningKeys(server.url)
        first, second = (asyncio.create_task(keys.key("rsa")) for _ in range(2))
        async with asyncio.timeout(60):
            while not server.requests:  # noqa: ASYNC110  # a thread counts it
                await asyncio.sleep(0.001)
            first.cancel()
            server.open_gate.set()
            assert await second
        with pytest.raises(asyncio.CancelledError):
            await first
        assert server.requests == 1
