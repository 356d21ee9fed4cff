"""Entries of JMdict for tests: all of them in `make fuzz`, else a sample."""

import os
from collections.abc import Iterator
from itertools import islice

import pytest

from content.jmdict import JmdictEntry, database_path, open_jmdict

EVERY = 1 if "FUZZ_SEED" in os.environ else 100

needs_jmdict = pytest.mark.skipif(database_path() is None, reason="JMdict is not installed: make dictionary")


def sample(every: int = EVERY) -> Iterator[JmdictEntry]:
    path = database_path()
    assert path is not None
    with open_jmdict(path) as jmdict:
        ids = iter(jmdict.ids()[::every])
        while batch := list(islice(ids, 5000)):
            yield from jmdict.entries(batch)


def entries(*ids: int) -> list[JmdictEntry]:
    path = database_path()
    assert path is not None
    with open_jmdict(path) as jmdict:
        return list(jmdict.entries(ids))
