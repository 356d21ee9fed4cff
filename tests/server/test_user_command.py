"""`shinjp user` changes roles as the owner of the tables, which the API's first administrator needs."""

from tests.clients import client_of
from tests.databases import column, execute
from tests.processes import shinjp

ADMIN = "{ admin { __typename } }"


async def test_first_administrator_is_promoted(writable_database_url: str, redis_url: str) -> None:
    url = writable_database_url
    await execute(url, "update users set role = 'learner' where role = 'admin'")
    settings = {
        "DATABASE_URL": url,
        "SHINJP_ENVIRONMENT": "production",
        "JWT_SECRET": "a" * 64,
    }
    async with client_of(url, redis_url) as client:
        status, _, errors = await shinjp("user", "promote", "first", "--role", "admin", **settings)
        assert (status, "No account has the subject 'first'" in errors) == (1, True)
        assert (await client.run(ADMIN, user="first")).data == {"admin": None}
        for _ in range(2):
            status, printed, errors = await shinjp("user", "promote", "first", "--role", "admin", **settings)
            assert (status, printed, errors) == (0, "Learner (first) has the role admin.\n", "")
        assert (await client.run(ADMIN, user="first")).data == {"admin": {"__typename": "Admin"}}
        # Subjects are compared exactly.
        status, _, _ = await shinjp("user", "promote", "First", "--role", "admin", **settings)
        assert status == 1
        status, _, errors = await shinjp("user", "promote", "first", "--role", "editor", **settings)
        assert (status, "last administrator" in errors) == (1, True)
    logged = "from audit_log where action = 'setRole' and actor_id is null"
    assert await column(url, f"select changes::text {logged}") == ['{"role": {"after": "admin", "before": "learner"}}']

    _, printed, _ = await shinjp("user", "list", "--role", "admin", **settings)
    [line] = printed.splitlines()
    assert line.split("\t")[:3] == ["first", "admin", "active"]
    _, shown, _ = await shinjp("user", "show", "first", **settings)
    assert shown == printed
    status, _, errors = await shinjp("user", "show", "nobody", **settings)
    assert (status, errors) == (1, "Error: No account has the subject 'nobody'.\n")


async def test_accounts_with_known_subjects_are_for_development() -> None:
    settings = {
        "DATABASE_URL": "postgresql://shinjp.example/none",
        "SHINJP_ENVIRONMENT": "production",
        "JWT_SECRET": "a" * 64,
    }
    status, _, errors = await shinjp("migrate", "--content", "--demo", **settings)
    assert (status, "--demo is for development" in errors) == (2, True)
