"""Rate limits of clients, on every transport."""

from typing import Any

import httpx
import pytest
from starlette.types import Scope

from server.http.client_address import TrustedProxies, network_of
from server.settings import Settings, SettingsError
from tests.clients import Client, client_of
from tests.databases import column
from tests.requests import codes
from tests.workers import GENERATE, textbook_input

WHO = '{"query": "{ viewer { user { displayName } } }"}'
EXPORT = "mutation { requestExport(input: {kind: CARDS}) { job { id } errors { code } } }"


async def sign_in(client: Client, subject: str, **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {client.token(subject)}", "Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.post("/graphql", content=WHO, headers=sent | named)


@pytest.mark.parametrize("has_redis", [True, False])
async def test_new_accounts_are_limited_per_address(
    writable_database_url: str, redis_url: str, has_redis: bool
) -> None:
    settings: dict[str, Any] = {"sign_ups_per_hour": 2, "trusted_proxies": ("127.0.0.0/8",)}
    async with client_of(writable_database_url, redis_url if has_redis else None, **settings) as client:
        assert [codes(await sign_in(client, subject)) for subject in ("new 1", "new 2", "new 1")] == [[]] * 3
        refused = await sign_in(client, "new 3")
        assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMITED"])
        assert 3_500 <= int(refused.headers["Retry-After"]) <= 3_600
        assert await column(writable_database_url, "select id from users where subject = 'new 3'") == []
        # Existing accounts and other addresses are not affected.
        for subject in ("demo", "new 2"):
            assert codes(await sign_in(client, subject)) == []
        elsewhere = {"X_Forwarded_For": "192.0.2.1, 2001:db8::1"}
        assert codes(await sign_in(client, "new 3", **elsewhere)) == []
        # Neither a forged X-Forwarded-For nor another address of its network makes it another client.
        assert codes(await sign_in(client, "new 4", X_Forwarded_For="192.0.2.7, 2001:db8::2:1")) == []
        assert codes(await sign_in(client, "new 5", X_Forwarded_For="192.0.2.8, 2001:db8::3:1")) == ["RATE_LIMITED"]


async def test_forwarded_headers_are_ignored_by_default(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url, sign_ups_per_hour=1) as client:
        for number in range(3):
            response = await sign_in(
                client, f"new {number}", X_Forwarded_For=f"192.0.2.{number}", Forwarded="for=1.2.3.4"
            )
            assert codes(response) == ([] if number == 0 else ["RATE_LIMITED"])


async def test_exports_are_limited_on_every_route(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url, exports_per_hour=2) as client:
        headers = {"Authorization": f"Bearer {client.token('demo')}"}
        assert (await client.http.get("/exports/cards.csv", headers=headers)).status_code == 200
        # Invalid requests are not counted.
        assert (await client.http.get("/exports/nothing.csv", headers=headers)).status_code == 404
        assert (await client.run(EXPORT, user="demo")).data["requestExport"]["errors"] == []
        refused = await client.http.get("/exports/cards.csv", headers=headers)
        assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMITED"])
        assert refused.headers["Retry-After"] == str(refused.json()["errors"][0]["extensions"]["retryAfter"])
        assert (await client.run(EXPORT, user="demo")).error_codes == ["RATE_LIMITED"]
        other = {"Authorization": f"Bearer {client.token('editor')}"}
        assert (await client.http.get("/exports/cards.csv", headers=other)).status_code == 200


async def test_textbooks_are_limited_by_the_setting_in_the_database_too(
    writable_database_url: str, redis_url: str
) -> None:
    """Without Redis a process does not know the counts of others, but the jobs are in the database."""
    settings = {"textbooks_per_hour": 1}
    async with client_of(writable_database_url, redis_url, **settings) as client:
        assert (await client.run(GENERATE, textbook_input(), user="demo")).data["generateTextbook"]["errors"] == []
    async with client_of(writable_database_url, None, **settings) as client:
        refused = await client.run(GENERATE, textbook_input(), user="demo")
        assert refused.error_codes == ["RATE_LIMITED"]
        assert refused.messages[0].startswith("1 textbooks an hour")


def scope(peer: str | None, **headers: str) -> Scope:
    found = [
        (name.replace("_", "-").encode(), part.encode()) for name, value in headers.items() for part in value.split("|")
    ]
    return {"client": None if peer is None else (peer, 1), "headers": found}


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "6.6.6.6, 192.0.2.1, 10.9.9.9"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "6.6.6.6|192.0.2.1|10.9.9.9"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1:4711"}, "192.0.2.1"),
        ("10.0.0.1", {"x_forwarded_for": "10.0.0.7, 10.0.0.8"}, "10.0.0.7"),
        ("10.0.0.1", {"x_forwarded_for": "unknown, 10.0.0.8"}, "10.0.0.8"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.1, "}, "10.0.0.1"),
        ("10.0.0.1", {"x_forwarded_for": "9" * 10_000}, "10.0.0.1"),
        ("10.0.0.1", {}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": 'for=6.6.6.6, For="[2001:db8::1]:80";proto=https, for=10.1.1.1'}, "2001:db8::1"),
        ("10.0.0.1", {"forwarded": "for=_hidden"}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": "by=10.0.0.1;proto=https"}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.1", "x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        # The client may have written one of them.
        ("10.0.0.1", {"forwarded": "for=192.0.2.1", "x_forwarded_for": "192.0.2.2"}, "10.0.0.1"),
        ("::ffff:10.0.0.1", {"x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("2001:db8:ffff::9", {"x_forwarded_for": "::ffff:192.0.2.1"}, "192.0.2.1"),
        (None, {"x_forwarded_for": "192.0.2.1"}, "192.0.2.1"),
        ("11.0.0.1", {"x_forwarded_for": "192.0.2.1", "forwarded": "for=192.0.2.1"}, "11.0.0.1"),
    ],
)
def test_trusted_proxies_name_the_client(peer: str | None, headers: dict[str, str], expected: str) -> None:
    proxies = TrustedProxies.parse(("10.0.0.0/8", "2001:db8:ffff::9", "unix"))
    assert proxies.get_client_address(scope(peer, **headers)) == expected
    assert TrustedProxies().get_client_address(scope(peer, **headers)) == peer
    assert network_of(expected) != "unknown"


def test_invalid_proxy_address_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, unix, ::1")
    assert Settings.load().proxies.unix
    for wrong in ("10.0.0.1/8", "proxy.example", "*", "10.0.0.0/33"):
        monkeypatch.setenv("TRUSTED_PROXIES", f"10.0.0.0/8, {wrong}")
        with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
            Settings.load()
