"""Authentication with tokens, and the accounts that they create."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import Unauthenticated
from server.auth.claims import CLOCK_SKEW_SECONDS
from server.auth.tokens import TokenVerifier
from tests.clients import TEST_SECRET, Answer, Client, client_of, settings_of
from tests.databases import execute

WHO = "{ viewer { user { displayName } email } }"
OTHER_SECRET = "another secret, that is of sixty-four bytes or more, so that it suits HS512"


def claims(**changes: Any) -> dict[str, Any]:
    """Valid claims with these changes; None removes a claim."""
    now = datetime.now(UTC)
    good = {
        "sub": "demo",
        "iss": "https://shinjp.example",
        "aud": "shinjp",
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(secret: Any = TEST_SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


async def viewer_of(client: Client, authorization: str) -> Answer:
    return await client.run(WHO, headers={"Authorization": authorization})


async def test_valid_token_authenticates(client: Client) -> None:
    for scheme in ("Bearer", "bearer"):
        assert (await viewer_of(client, f"{scheme} {token()}")).data["viewer"]["user"]["displayName"] == "Hana"


async def test_client_without_token_is_anonymous(client: Client) -> None:
    assert (await client.run(WHO)).data == {"viewer": None}


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (f"Bearer {token(exp=datetime.now(UTC) - timedelta(minutes=5))}", "expired"),
        (f"Bearer {jwt.encode(claims(), '', algorithm='none')}", "algorithm"),
        (f"Bearer {token(OTHER_SECRET)}", "signature"),
        (f"Bearer {token(OTHER_SECRET, 'HS512')}", "algorithm"),
        (f"Bearer {token(iss='https://elsewhere.example')}", "issuer"),
        (f"Bearer {token(aud='elsewhere')}", "audience"),
        (f"Bearer {token(exp=None)}", "exp"),
        (f"Bearer {token(sub=None)}", "sub"),
        (f"Bearer {token(iss=None)}", "iss"),
        (f"Bearer {token(aud=None)}", "aud"),
        (f"Bearer {token(sub='')}", "`sub`"),
        (f"Bearer {token(sub='a' * 256)}", "`sub`"),
        (f"Bearer {token(sub=chr(0))}", "`sub`"),
        (f"Bearer {'a' * 9_000}", "8192"),
        ("Bearer not.a.token", "JSON Web Token"),
        ("Bearer ", "Bearer"),
        ("Bearer", "Bearer"),
        ("Basic ZGVtbzpkZW1v", "Bearer"),
    ],
)
async def test_invalid_token_is_rejected_with_the_reason(client: Client, authorization: str, reason: str) -> None:
    answer = await viewer_of(client, authorization)
    assert (answer.status, answer.error_codes) == (401, ["UNAUTHENTICATED"])
    assert reason in answer.messages[0]
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "data" not in answer.body


async def test_first_request_of_a_subject_creates_a_learner(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        # As in Supabase's tokens: user_metadata has the values that the user chose.
        new = token(sub="new", email="mika@shinjp.example", user_metadata={"name": "Mika"})
        answers = await asyncio.gather(*(viewer_of(client, f"Bearer {new}") for _ in range(5)))
        assert [answer.data["viewer"] for answer in answers] == [
            {"user": {"displayName": "Mika"}, "email": "mika@shinjp.example"}
        ] * 5
        nameless = await viewer_of(client, f"Bearer {token(sub='nameless', email='kota@shinjp.example')}")
        assert nameless.data["viewer"]["user"]["displayName"] == "kota"


async def test_deleted_account_cannot_sign_in(writable_database_url: str, redis_url: str) -> None:
    await execute(writable_database_url, "update users set deleted_at = now() where subject = 'demo'")
    async with client_of(writable_database_url, redis_url) as client:
        answer = await viewer_of(client, f"Bearer {token()}")
        assert answer.status == 403
        assert answer.error_codes == ["ACCOUNT_DELETED"]
        assert "deleted" in answer.messages[0]


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


@contextmanager
def published(keys: list[dict[str, Any]]) -> Iterator[str]:
    """Serves a key set over HTTP; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": keys}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Disables logging to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
async def client_of_keys(content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    keys = [
        jwt.get_algorithm_by_name("RS256").to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "rsa", "use": "sig"},
        jwt.get_algorithm_by_name("ES256").to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "ec", "use": "sig"},
    ]
    with published(keys) as url:
        async with client_of(content_database_url, redis_url, jwt_jwks_url=url) as client:
            yield client


async def test_public_keys_from_jwks_url(client_of_keys: Client) -> None:
    for key, algorithm, kid in ((RSA_KEY, "RS256", "rsa"), (EC_KEY, "ES256", "ec")):
        signed = jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": kid})
        assert (await viewer_of(client_of_keys, f"Bearer {signed}")).data["viewer"] is not None


async def test_public_key_is_not_accepted_as_hmac_secret(client_of_keys: Client) -> None:
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # PyJWT refuses to sign with it, so the token is built by hand.
    header, payload = (
        jwt.utils.base64url_encode(json.dumps(part, default=lambda moment: int(moment.timestamp())).encode())
        for part in ({"alg": "HS256", "typ": "JWT", "kid": "rsa"}, claims())
    )
    signature = jwt.get_algorithm_by_name("HS256").sign(header + b"." + payload, public)
    forged = b".".join((header, payload, jwt.utils.base64url_encode(signature))).decode()
    for bad in (forged, jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "unknown"})):
        answer = await viewer_of(client_of_keys, f"Bearer {bad}")
        assert (answer.status, answer.error_codes) == (401, ["UNAUTHENTICATED"])


async def test_unavailable_keys_are_a_server_error(content_database_url: str, redis_url: str) -> None:
    with published([]) as url:
        pass
    signed = jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "rsa"})
    async with client_of(content_database_url, redis_url, jwt_jwks_url=url) as client:
        answer = await viewer_of(client, f"Bearer {signed}")
        assert (answer.status, answer.error_codes) == (503, ["SERVICE_UNAVAILABLE"])
        assert int(answer.headers["Retry-After"]) > 0


async def test_cached_token_is_rejected_after_expiry() -> None:
    verifier = TokenVerifier(settings_of("postgresql://nowhere", None))
    # Two seconds of leeway for clock skew.
    short = "Bearer " + token(exp=datetime.now(UTC) - timedelta(seconds=CLOCK_SKEW_SECONDS - 2))
    accepted = await verifier.authenticate(short)
    assert await verifier.authenticate(short) is accepted
    while datetime.now(UTC) < accepted.expires_at:  # noqa: ASYNC110  # time itself is what is tested
        await asyncio.sleep(0.01)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            await verifier.authenticate(short)
