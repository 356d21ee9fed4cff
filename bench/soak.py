"""Whether memory stays flat: 200,000 mixed requests, a tenth of them with documents that never came before.

    python -m bench.soak [requests]     on the content and whatever `make seed` added to it

Needs wrk. Prints the resident size after the first 20,000 and at the end as JSON.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile

from bench.comparison.operations import QUERIES, prepare
from bench.running import Served, database_url, report, served, token
from db.database import connected

REQUESTS, WARM_UP = 200_000, 20_000
SECONDS_A_STEP = 5

# A document is new when its comment is.
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
local bodies = {{bodies}}
local number, run = 0, "{run}"
request = function()
    number = number + 1
    local body = bodies[1 + number % #bodies]
    if number % 10 == 0 then
        body = body:gsub('"query": "', '"query": "# ' .. run .. number .. "\\\\n")
    end
    return wrk.format(nil, nil, nil, body)
end
"""


def main(requests: int = REQUESTS) -> None:
    with served("--no-worker") as process:
        bodies, learner = asyncio.run(_bodies(database_url()))
        sizes: list[tuple[int, int]] = []
        done = 0
        while done < requests:
            done += _load(process, bodies, token(learner), f"{done}-")
            sizes.append((done, process.resident_kib()))
        warm = next(size for number, size in sizes if number >= WARM_UP)
        report(
            requests=done,
            residentKibWhenWarm=warm,
            residentKibAtTheEnd=sizes[-1][1],
            growth=round(sizes[-1][1] / warm - 1, 4),
            course=sizes,
        )


async def _bodies(url: str) -> tuple[list[str], str]:
    async with connected(url) as connection:
        subjects = await prepare(connection)
    bodies = subjects.bodies()
    return [bodies[name] for name in QUERIES if name not in ("reviewCards", "searchVocabulary")], subjects.learner


def _load(process: Served, bodies: list[str], token: str, run: str) -> int:
    """How many requests were answered."""
    written = ", ".join(f"[==[{json.dumps(json.loads(body))}]==]" for body in bodies)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT.replace("{token}", token).replace("{bodies}", written).replace("{run}", run))
        script.flush()
        command = ["wrk", "--threads", "1", "--connections", "16", "--duration", str(SECONDS_A_STEP)]
        output = subprocess.run(
            [*command, "--script", script.name, process.url], check=True, capture_output=True, text=True
        ).stdout
    assert "Non-2xx" not in output, output
    found = re.search(r"(\d+) requests in", output)
    assert found is not None, output
    return int(found.group(1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
