"""Somebody who can sign tokens, by a fault of the issuer or a lost key, signs in as new subjects without end.

`SIGN_UPS_PER_HOUR` bounds the accounts; what is refused costs two statements.
"""

import asyncio
from uuid import uuid4

import httpx

from bench.attacks import Target
from server.development_tokens import issue_token
from server.settings import Settings

SUBJECTS = 5_000
AT_ONCE = 50


async def attack(target: Target) -> None:
    """Tokens are signed with the secret in this environment, which has to be the server's."""
    settings, run = Settings.load(), uuid4().hex
    subjects = iter(range(SUBJECTS))
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as http:

        async def sign_in() -> None:
            for number in subjects:
                token = issue_token(settings, f"attack-{run}-{number}")
                body = {"query": "{ viewer { id } }"}
                await http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})

        await asyncio.gather(*(sign_in() for _ in range(AT_ONCE)))
