"""Claims of every JSON type, size and character, in correctly signed tokens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from domain.accounts import MAX_NAME_LENGTH
from domain.errors import Unauthenticated
from server.auth.tokens import TokenVerifier
from tests.clients import TEST_SECRET, Client, client_of, settings_of
from tests.streams import DASHBOARD, SSE, StreamServer, stream, stream_server

NOW = int(time.time())
GOOD: dict[str, Any] = {
    "sub": "demo",
    "iss": "https://shinjp.example",
    "aud": "shinjp",
    "iat": NOW - 60,
    "exp": NOW + 3_600,
}
PROFILE = "{ viewer { user { displayName } email } }"
ABSENT = object()


def signed(claims: Any, headers: Any = ABSENT) -> str:
    """Signs a token by hand: PyJWT refuses to create most of these."""
    parts = [{"alg": "HS256", "typ": "JWT"} if headers is ABSENT else headers, claims]
    encoded = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    signing_input = b".".join(map(jwt.utils.base64url_encode, encoded))
    signature = jwt.get_algorithm_by_name("HS256").sign(signing_input, TEST_SECRET.encode())
    return (signing_input + b"." + jwt.utils.base64url_encode(signature)).decode()


def with_claim(name: str, value: Any) -> str:
    return signed({key: value for key, value in {**GOOD, name: value}.items() if value is not ABSENT})


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def raw(name: str, value: bytes) -> bytes:
    """The payload of a token with a claim that `json` cannot encode."""
    others = json.dumps({key: value for key, value in GOOD.items() if key != name})[1:]
    return b'{"%s":%b,%b' % (name.encode(), value, others.encode())


NO_TIMESTAMPS: list[Any] = [
    *("soon", str(NOW + 3_600), "", [], [NOW + 3_600], {}, {"seconds": 1}, True, False, None),
    *(float("nan"), float("inf"), float("-inf"), -1, -1.5, 10**18, -(10**18), 1e300, 10**4_000),
    # Milliseconds and microseconds.
    *((NOW + 3_600) * 1_000, (NOW + 3_600) * 1_000_000),
]
LONG = "あ" * 300
INVISIBLE = ("\u200b\u200d", "\u202e", "　", "\u3164", "\u2800")
OTHERS: list[Any] = [0, 1.5, True, False, None, [], [1], {}, {"a": 1}, "", " ", "\x00", "\ud800", LONG, 10**4_000]
NO_OBJECTS: list[Any] = [[], "demo", 1, None, True]
HEADERS: dict[str, list[Any]] = {
    "kid": [1, [], {}, None, True],
    "alg": [1, [], {}, ["HS256"], None, "none", "hs256"],
    "crit": [1, [], ["exp"], [1], "b64", {}],
    "b64": [False],
}
# Invalid values of required claims.
REFUSED: dict[str, str | bytes] = {
    # By number: ids with the current time would differ between processes.
    **{
        f"{name} no timestamp {number}": with_claim(name, value)
        for name in ("exp", "iat", "nbf")
        for number, value in enumerate(NO_TIMESTAMPS)
    },
    **{f"{name} {value!r}"[:60]: with_claim(name, value) for name in ("iss", "aud") for value in OTHERS},
    **{f"sub {value!r}"[:60]: with_claim("sub", value) for value in OTHERS if value != " "},
    **{f"no {name}": with_claim(name, ABSENT) for name in ("exp", "iss", "aud", "sub")},
    "aud of others": with_claim("aud", ["elsewhere", "nowhere"]),
    "aud of no strings": with_claim("aud", ["shinjp", 1]),
    "iat ahead": with_claim("iat", NOW + 3_600),
    "nbf ahead": with_claim("nbf", NOW + 3_600),
    "exp of 5,000 digits": signed(raw("exp", b"9" * 5_000)),
    "exp 1e400": signed(raw("exp", b"1e400")),
    "a deep claim": signed(raw("deep", nested(2_500))),
    "a deep header": signed(GOOD, nested(2_500)),
    "bytes that are no UTF-8": signed(raw("name", b'"\xff\xfe"')),
    **{f"payload {value!r}": signed(value) for value in NO_OBJECTS},
    **{f"header {value!r}": signed(GOOD, value) for value in (*NO_OBJECTS, {}, {"alg": None})},
    **{
        f"header {name} {value!r}": signed(GOOD, {"alg": "HS256", name: value})
        for name, values in HEADERS.items()
        for value in values
    },
}
# Invalid values of optional claims: the token is valid, and the account is unchanged.
IGNORED: dict[str, str] = {
    **{
        f"{name} {value!r}"[:60]: with_claim(name, value)
        for name in ("email", "name", "user_metadata", "jti", "role", "app_metadata")
        for value in (
            *OTHERS[:-1],
            10**1_000,
            -1,
            float("nan"),
            float("inf"),
            "\u200b\u200d",
            "\u202e",
            "　",
            "\u3164",
            "\u2800",
        )
        if not (name == "name" and value == OTHERS[13])
    },
    **{f"metadata name {value!r}"[:60]: with_claim("user_metadata", {"name": value}) for value in OTHERS[:-2]},
    **{
        f"email {value!r}"[:60]: with_claim("email", value)
        for value in (
            "no address",
            "a@b@c",
            "a b@c",
            "@",
            "a@",
            "a@b\n",
            "\x00@b",
            "\ud800@b",
            f"{'a' * 300}@b.example",
        )
    },
    **{f"name {value!r}": with_claim("name", value) for value in ("a\x00b", "a\nb", "\ud800a", "\u202ea", "\u0301")},
    "exp with a fraction": with_claim("exp", NOW + 3_600.5),
    "aud in a list": with_claim("aud", ["elsewhere", "shinjp"]),
    "iat with a fraction": with_claim("iat", NOW - 60.5),
    "no iat": with_claim("iat", ABSENT),
}


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(content_database_url, redis_url, log_level="error") as server:
        yield server


async def answers(server: StreamServer, token: str) -> dict[str, Any]:
    """The response of each transport: the HTTP status, or the close code of a WebSocket."""
    headers = {"Authorization": f"Bearer {token}"}
    http = server.client.http
    query, stream = [
        await http.post("/graphql", json={"query": PROFILE}, headers={**headers, "Accept": accept})
        for accept in ("application/graphql-response+json", "text/event-stream")
    ]
    exported = await http.get("/exports/cards.csv", headers=headers)
    by_get = await http.get("/graphql", params={"query": PROFILE}, headers=headers)
    return {
        "POST": query.status_code,
        "GET": by_get.status_code,
        "export": exported.status_code,
        "SSE": stream.status_code if "UNAUTHENTICATED" not in stream.text else 401,
        "WebSocket": await _connection_init(server, token),
    }


async def _connection_init(server: StreamServer, token: str) -> int | str:
    url = f"ws://{server.address}/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        try:
            async with asyncio.timeout(60):
                return str(json.loads(await socket.recv())["type"])
        except ConnectionClosed:
            return socket.close_code or 0


REFUSALS = {"POST": 401, "GET": 401, "export": 401, "SSE": 401, "WebSocket": 4403}
WELCOMES = {"POST": 200, "GET": 200, "export": 200, "SSE": 200, "WebSocket": "connection_ack"}


@pytest.mark.parametrize("case", REFUSED)
async def test_verifier_rejects_invalid_required_claim(case: str) -> None:
    """The next test covers the transports."""
    token = REFUSED[case]
    assert isinstance(token, str)
    with pytest.raises(Unauthenticated):
        await TokenVerifier(settings_of("postgresql://nowhere", None)).verify(token)


async def test_every_transport_rejects_invalid_claims(server: StreamServer) -> None:
    for case in ("exp no timestamp 15", "iat", "no sub", "a deep claim"):
        name = next(name for name in REFUSED if name.startswith(case))
        assert await answers(server, str(REFUSED[name])) == REFUSALS, name
    milliseconds = with_claim("exp", (NOW + 3_600) * 1_000)
    assert await answers(server, milliseconds) == REFUSALS
    refused = await server.client.run(PROFILE, headers={"Authorization": f"Bearer {milliseconds}"})
    assert str((NOW + 3_600) * 1_000) in refused.messages[0]


@pytest.mark.parametrize("case", IGNORED)
async def test_invalid_optional_claim_is_ignored(client: Client, case: str) -> None:
    answer = await client.run(PROFILE, headers={"Authorization": f"Bearer {IGNORED[case]}"})
    assert answer.data["viewer"] == {"user": {"displayName": "Hana"}, "email": "demo@shinjp.example"}


_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | _TEXT,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(_TEXT, values, max_size=3),
    max_leaves=8,
)
_CLAIM = st.sampled_from(
    ("exp", "iat", "nbf", "iss", "aud", "sub", "jti", "email", "name", "user_metadata", "app_metadata", "role")
)


@given(st.dictionaries(_CLAIM, _JSON | st.sampled_from(NO_TIMESTAMPS), min_size=1, max_size=4), _JSON)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_signed_tokens_cause_no_internal_error(server: StreamServer, changes: dict[str, Any], kid: Any) -> None:
    claims = {**GOOD, **changes}
    if isinstance(claims["sub"], str) and claims["sub"] != "demo":
        # A valid subject would add an account to content that other tests read.
        claims["sub"] = 1
    for token in (signed(claims), signed(claims, {"alg": "HS256", "kid": kid})):
        if len(token) <= 8_192:
            assert await answers(server, token) in (REFUSALS, WELCOMES), claims


async def test_newer_token_updates_name_and_address(writable: Client) -> None:
    def token(age: int, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {signed({**GOOD, 'sub': 'mika', 'iat': NOW - age, **claims})}"}

    async def profile(age: int, **claims: Any) -> tuple[str, str]:
        viewer = (await writable.run(PROFILE, headers=token(age, **claims))).data["viewer"]
        return viewer["user"]["displayName"], viewer["email"]

    assert await profile(500, name="Mika", email="mika@shinjp.example") == ("Mika", "mika@shinjp.example")
    # While the viewer is cached.
    assert await profile(400, name="Mika Sato", email="mika@shinjp.example") == ("Mika Sato", "mika@shinjp.example")
    assert await profile(300, user_metadata={"name": "Mika Ito"}) == ("Mika Ito", "mika@shinjp.example")
    # An older token of another device, and tokens without usable claims.
    assert await profile(450, name="Old", email="old@shinjp.example") == ("Mika Ito", "mika@shinjp.example")
    assert await profile(200) == ("Mika Ito", "mika@shinjp.example")
    assert await profile(100, name="\u200b", email="nowhere") == ("Mika Ito", "mika@shinjp.example")
    assert await profile(50, name=LONG, email="ito@shinjp.example") == (
        "あ" * MAX_NAME_LENGTH,
        "ito@shinjp.example",
    )


async def test_older_token_does_not_overwrite_newer_one_of_another_process(
    writable_database_url: str, redis_url: str
) -> None:
    def sent(age: int, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {signed({**GOOD, 'sub': 'kota', 'iat': NOW - age, 'name': name})}"}

    async with (
        client_of(writable_database_url, redis_url) as one,
        client_of(writable_database_url, redis_url) as other,
    ):
        await one.run(PROFILE, headers=sent(300, "First"))
        await one.run(PROFILE, headers=sent(100, "Newest"))
        answer = await other.run(PROFILE, headers=sent(200, "Between"))
        assert answer.data["viewer"]["user"]["displayName"] == "Newest"


async def test_socket_of_a_token_that_expires_in_the_year_9999(server: StreamServer) -> None:
    token = with_claim("exp", int(datetime(9999, 12, 30, tzinfo=UTC).timestamp()))
    assert await answers(server, token) == WELCOMES
    async with stream(server.address, SSE, DASHBOARD, token=token) as events, asyncio.timeout(60):
        assert "dashboardUpdated" in (await anext(events)).data
    claims = await TokenVerifier(server.client.settings).verify(token)
    assert claims.expires_at - datetime.now(UTC) > timedelta(days=365_000)
