"""Growth of memory over 200,000 mixed requests, a tenth of them with new documents.

    python -m bench.soak [requests]     on the content, and the rows added by `make seed`

Prints the resident size after the first 20,000 and at the end as JSON.
"""

import asyncio
import json
import sys

from bench.comparison.operations import prepare
from bench.harness import Served, database_url, report, served, token
from bench.wrk import load

REQUESTS, WARM_UP = 200_000, 20_000
SECONDS_A_STEP = 5

# A new comment makes a new document.
SCRIPT = """
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
        subjects = asyncio.run(prepare(database_url()))
        bodies = [body for name, body in subjects.bodies().items() if name not in ("reviewCards", "searchVocabulary")]
        sizes: list[tuple[int, int]] = []
        done = 0
        while done < requests:
            done += _load(process, bodies, token(subjects.learner), f"{done}-")
            sizes.append((done, process.resident_kib()))
        warm = next(size for number, size in sizes if number >= WARM_UP)
        report(
            requests=done,
            residentKibWhenWarm=warm,
            residentKibAtTheEnd=sizes[-1][1],
            growth=round(sizes[-1][1] / warm - 1, 4),
            course=sizes,
        )


def _load(process: Served, bodies: list[str], token: str, run: str) -> int:
    """The number of responses."""
    written = ", ".join(f"[==[{json.dumps(json.loads(body))}]==]" for body in bodies)
    script = SCRIPT.replace("{bodies}", written).replace("{run}", run)
    return load(process.url, script, token=token, seconds=SECONDS_A_STEP, connections=16).requests


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
