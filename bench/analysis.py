"""Analysis of text: characters a second, and requests with texts of 2,000 characters.

    python -m bench.analysis            on the content, with the whole dictionary if it is loaded

Texts are parts of the graded readers. `new` texts were never analysed by the process, but most of their words were;
`repeated` ones were analysed just before. Times of the library are CPU time. Requests are sent to `shinjp serve` one
after the other: `durationMs` is what the server measures for the operation, `cpuMs` the CPU time of its process with
all threads, `sqlMs` the part in which it waits for PostgreSQL. Prints JSON.
"""

import statistics
import time
from collections.abc import Callable, Iterable

import httpx

from analysis import analyze
from analysis.morphemes import tokenize
from bench.cpu import cpu_seconds
from bench.harness import Served, headers, report, served
from content.stories import load_stories
from content.story_books import story_text

LENGTH = 2_000
# More than are measured, because the first texts fill caches of words and compile the operation.
WARM_UP = 6
QUERIES = {
    "words": """query($text: String!) { analyzeText(text: $text, first: 200) { sentences {
        tokens { surface reading vocabulary { id } } } } }""",
    "furigana": """query($text: String!) { analyzeText(text: $text, first: 100) { sentences {
        tokens { surface partOfSpeech furigana { text reading } vocabulary { id } } } } }""",
    "everything": """query($text: String!) { analyzeText(text: $text, first: 50) { sentences { text tokens {
        surface dictionaryForm reading partOfSpeech inflection level furigana { text reading }
        vocabulary { id word } kanji { character } card { id } } } } }""",
}


def main() -> None:
    texts = _texts()
    library = {"sudachi": _rate(texts, tokenize), "new": _rate(texts, analyze), "repeated": _rate(texts, analyze)}
    requests = {}
    for name, query in QUERIES.items():
        # A server for each: its cache of sentences is empty.
        with served("--no-worker") as process, httpx.Client(headers=headers("demo"), timeout=60) as client:
            requests[name] = _measure(process, client, query, texts)
    report(texts=len(texts), length=LENGTH, charactersPerSecond=library, requests=requests)


def _texts() -> list[str]:
    whole = "\n".join(story_text(story).text for story in load_stories())
    return [whole[start : start + LENGTH] for start in range(0, len(whole) - LENGTH, LENGTH)]


def _rate(texts: Iterable[str], work: Callable[[str], object]) -> int:
    seconds = []
    for text in texts:
        started_at = time.thread_time()
        work(text)
        seconds.append(time.thread_time() - started_at)
    return round(LENGTH / statistics.median(seconds[WARM_UP:]), -3).__int__()


def _measure(process: Served, client: httpx.Client, query: str, texts: list[str]) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = {"new": [], "repeated": []}
    for text in texts:
        for measured in found.values():
            before = cpu_seconds(process.pid)
            body = client.post(process.url, json={"query": query, "variables": {"text": text}}).json()
            if "errors" in body:
                raise RuntimeError(body["errors"])
            stats = body["extensions"]["stats"]
            cpu_ms = (cpu_seconds(process.pid) - before) * 1000
            measured.append({"durationMs": stats["durationMs"], "cpuMs": cpu_ms, "sqlMs": stats["sqlMs"]})
    return {
        name: {key: round(statistics.median(run[key] for run in runs[WARM_UP:]), 1) for key in runs[0]}
        for name, runs in found.items()
    }


if __name__ == "__main__":
    main()
