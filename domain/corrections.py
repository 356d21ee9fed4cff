"""Corrections of the dictionary: values by which editors replace those of a release, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# In characters.
MAX_SOURCE, MAX_NOTE = 500, 2_000

# JSON values by field.
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a corrected value comes from, such as a dictionary or a page. `note`: why it is better."""

    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """The corrected fields of an object, and the values that the release has in these fields."""

    corrected: Values
    original: Values

    def __bool__(self) -> bool:
        return bool(self.corrected)

    def change(self, current: Values, changes: Values) -> "Overlay":
        """Return the overlay after more changes. `current`: the values of the object, with this overlay.

        A field that is changed back to the value of the release is no longer part of it.
        """
        return _without_equal({**self.corrected, **changes}, {**current, **self.original})

    def rebase(self, release: Values) -> "Overlay":
        """Return the overlay on another release. Fields that the release has corrected are no longer part of it."""
        return _without_equal(self.corrected, release)


NO_OVERLAY = Overlay({}, {})


# The popularity of a word follows from its level, and is corrected with it only.
_DERIVED = {"popularity": "jlptLevel"}


def _without_equal(corrected: Values, release: Values) -> Overlay:
    changed = {name for name, value in corrected.items() if value != release[name]}
    different = [name for name in corrected if name in changed and _DERIVED.get(name, name) in changed]
    return Overlay({name: corrected[name] for name in different}, {name: release[name] for name in different})
