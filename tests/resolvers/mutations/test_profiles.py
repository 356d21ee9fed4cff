"""Users choose their name and locale; the e-mail address stays that of the identity provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from domain.accounts import parse_locale
from tests.clients import TEST_SECRET, Client
from tests.databases import execute_and_notify

ACCOUNT = "viewer { role email locale user { displayName } }"
UPDATE = (
    f"mutation($input: UpdateProfileInput!) {{ updateProfile(input: $input) {{ user {{ displayName }} {ACCOUNT}"
    " errors { code path } } }"
)


async def update(client: Client, user: str, **input_: Any) -> Any:
    return (await client.run(UPDATE, {"input": input_}, user=user)).data["updateProfile"]


def bearer(subject: str, minutes: int, name: str) -> dict[str, str]:
    """The headers of a request with a token that was issued this many minutes from now."""
    now = datetime.now(UTC)
    claims = {"sub": subject, "iss": "https://shinjp.example", "aud": "shinjp", "exp": now + timedelta(hours=1)}
    claims |= {"iat": now + timedelta(minutes=minutes), "name": name, "email": f"{name.lower()}@shinjp.example"}
    return {"Authorization": f"Bearer {jwt.encode(claims, TEST_SECRET, algorithm='HS256')}"}


async def test_chosen_name_stays_while_the_address_follows_newer_tokens(shared: Client) -> None:
    async def account(minutes: int, name: str) -> tuple[str, str]:
        viewer = (await shared.run(f"{{ {ACCOUNT} }}", headers=bearer("chooser", minutes, name))).data["viewer"]
        return viewer["user"]["displayName"], viewer["email"]

    assert await account(-9, "Mika") == ("Mika", "mika@shinjp.example")
    assert await account(-8, "Miko") == ("Miko", "miko@shinjp.example")
    chosen = {"input": {"displayName": " 美香 "}}
    updated = (await shared.run(UPDATE, chosen, headers=bearer("chooser", -8, "Miko"))).data["updateProfile"]
    assert updated["user"] == updated["viewer"]["user"] == {"displayName": "美香"}
    assert await account(-7, "Miku") == ("美香", "miku@shinjp.example")
    assert await account(-6, "Mike") == ("美香", "mike@shinjp.example")


async def test_omitted_fields_are_unchanged_and_null_removes_the_locale(shared: Client) -> None:
    first = await update(shared, "local", displayName="Taro", locale="PT-br")
    assert first["viewer"] == {
        "role": "LEARNER",
        "email": "",
        "locale": "pt-BR",
        "user": {"displayName": "Taro"},
    }
    assert (await update(shared, "local"))["viewer"] == first["viewer"]
    assert (await update(shared, "local", displayName=None, locale=None))["viewer"] == first["viewer"] | {
        "locale": None
    }


@pytest.mark.parametrize(
    ("input_", "errors"),
    [
        ({"displayName": " "}, [("REQUIRED", "displayName")]),
        ({"displayName": "\u200b"}, [("REQUIRED", "displayName")]),
        ({"displayName": "a\u202eb"}, [("INVALID", "displayName")]),
        ({"displayName": "a" * 256, "locale": "english"}, [("TOO_LONG", "displayName"), ("INVALID", "locale")]),
        ({"locale": ""}, [("INVALID", "locale")]),
    ],
)
async def test_invalid_profiles_are_rejected(shared: Client, input_: Any, errors: list[tuple[str, str]]) -> None:
    found = await update(shared, "invalid", **input_)
    assert [(error["code"], *error["path"]) for error in found["errors"]] == errors
    assert found["viewer"] is None


def test_locales_are_written_in_their_usual_case() -> None:
    found = {value: parse_locale(value) for value in ("JA", "zh-hant-tw", "es-419", "en_US", "e", "ja-", "x" * 500)}
    assert found == {
        "JA": "ja",
        "zh-hant-tw": "zh-Hant-TW",
        "es-419": "es-419",
        **dict.fromkeys(("en_US", "e", "ja-", "x" * 500)),
    }


async def test_role_is_that_of_the_account(shared: Client, shared_database_url: str) -> None:
    roles = {user: (await shared.run("{ viewer { role } }", user=user)).data for user in ("demo", "editor", "admin")}
    assert roles == {
        user: {"viewer": {"role": role}}
        for user, role in (("demo", "LEARNER"), ("editor", "EDITOR"), ("admin", "ADMIN"))
    }
    await execute_and_notify(shared_database_url, "update users set role = 'editor' where subject = 'demo'")
    assert (await shared.run("{ viewer { role } }", user="demo")).data == {"viewer": {"role": "EDITOR"}}
