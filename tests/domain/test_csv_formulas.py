"""Formulas of spreadsheets in CSV."""

import pytest

from domain.csv_formulas import defuse_formula


@pytest.mark.parametrize(
    "text", ["=1+1", "+81", "-2", "@SUM(A1)", "\t=1", "＝1", " =1", '"=1', "\u3000＋1", "\ufeff@a", "'=1"]
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert defuse_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "食べる", "a=1", "'a", " a", "1-1"])
def test_other_texts_are_unchanged(text: str) -> None:
    assert defuse_formula(text) == text
