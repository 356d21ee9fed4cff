"""Whether KanjiVG is installed, for tests."""

import pytest

from content.kanjivg import edition

needs_kanjivg = pytest.mark.skipif(edition() == "no KanjiVG", reason="KanjiVG is not installed: make dictionary")
