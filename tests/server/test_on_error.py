"""The request property `onError` decides what an error sets to null."""

import json

from tests.clients import Client

QUERY = '{ book(id: "x") { title } jlptContentStats { jlptLevel } }'


async def test_errors_null_a_field_or_all_data(client: Client) -> None:
    for on_error in (None, "PROPAGATE", "NULL", "HALT"):
        body = {"query": QUERY, "onError": on_error}
        for _ in range(3):
            found = (await client.http.post("/graphql", json=body)).json()
            assert [error["path"] for error in found["errors"]] == [["book"]]
            if on_error == "HALT":
                assert found["data"] is None
            else:
                assert found["data"]["book"] is None
                assert found["data"]["jlptContentStats"]
    got = await client.http.get("/graphql", params={"query": QUERY, "onError": "HALT"})
    assert got.json()["data"] is None


async def test_unknown_values_are_rejected(client: Client) -> None:
    for value in ("null", "STOP", 1, ["NULL"], {"NULL": True}):
        response = await client.http.post("/graphql", json={"query": QUERY, "onError": value})
        assert response.status_code == 400, json.dumps(value)
        assert response.json()["errors"][0]["message"] == "`onError` must be one of PROPAGATE, NULL, HALT."
