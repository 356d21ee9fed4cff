"""Reads the strokes of kanji from the SVG files of the package `kanjivg`, an extra that may not be installed."""

from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from xml.parsers import expat

from domain.kanji_characters import RADICAL_FORMS

_PACKAGE = "kanjivg"
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a kanji is drawn. `strokes`: SVG paths in their order, in a square of 109 units. `components`: the kanji and
    radicals that it contains, the largest first.
    """

    strokes: tuple[str, ...]
    components: tuple[str, ...]


_EMPTY = Drawing((), ())


def edition() -> str:
    """Return the edition as a part of fingerprints."""
    package = _distribution()
    return "no KanjiVG" if package is None else f"{_PACKAGE} {package.version}"


class KanjiVG:
    """The drawings of the package; without it, there are none."""

    def __init__(self) -> None:
        package = _distribution()
        self._directory = None if package is None else Path(str(package.locate_file("kanji")))

    def drawing(self, character: str) -> Drawing:
        """Return the drawing of a kanji, empty if there is none. Raises ValueError for a file that is damaged."""
        if self._directory is None:
            return _EMPTY
        try:
            with (self._directory / f"{ord(character):05x}.svg").open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return _EMPTY
        return parse_drawing(character, data)


def parse_drawing(character: str, data: bytes) -> Drawing:
    """Parse a file. Raises ValueError for one that is too large, malformed, or declares entities."""
    if len(data) > _MAX_BYTES:
        raise ValueError(f"The drawing of {character} has more than {_MAX_BYTES} bytes.")
    strokes: list[str] = []
    components: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "path":
            strokes.append(attributes["d"])
        # Some parts are no character, but have a code or a description in place of it.
        elif name == "g" and len(component := attributes.get("kvg:element", "")) == 1:
            component = RADICAL_FORMS.get(component, component)
            # Single strokes have characters that are no letters.
            if component.isalpha() and component != character:
                components[component] = None

    def reject_entity(*_: object) -> None:
        raise ValueError(f"The drawing of {character} declares an entity.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = reject_entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, KeyError) as error:
        raise ValueError(f"The drawing of {character} is malformed: {error}") from error
    return Drawing(tuple(strokes), tuple(components))


def _distribution() -> Distribution | None:
    try:
        return distribution(_PACKAGE)
    except PackageNotFoundError:
        return None
