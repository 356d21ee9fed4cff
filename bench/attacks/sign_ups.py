"""An attacker who can sign tokens, because of a bug of the issuer or a leaked key, signs in as ever new subjects.

`SIGN_UPS_PER_HOUR` limits the accounts; the accounts of rejected requests are looked up in batches.
"""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx

from bench.attacks import Target
from domain.rate_limits import SIGN_UPS
from server.auth.development_tokens import issue_token
from server.settings import Settings

SUBJECTS = 5_000
CONCURRENCY = 50


async def attack(target: Target) -> str:
    """Signs tokens with the secret of this environment, which must be the server's.

    Raises RuntimeError if more accounts are created than the limit allows.
    """
    settings, run = Settings.load(), uuid4().hex
    subjects, statuses = iter(range(SUBJECTS)), Counter[int]()
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as http:

        async def sign_in() -> None:
            for number in subjects:
                token = issue_token(settings, f"attack-{run}-{number}")
                body = {"query": "{ viewer { id } }"}
                response = await http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})
                statuses[response.status_code] += 1

        await asyncio.gather(*(sign_in() for _ in range(CONCURRENCY)))
    if statuses[200] > SIGN_UPS.times:
        raise RuntimeError(f"{statuses[200]} accounts were created")
    return f"{statuses[200]} accounts, {statuses[429]} refusals"
