"""Values in CSV that a spreadsheet would evaluate as a formula."""

import re

# The characters that OWASP lists and their full-width equivalents, which Japanese spreadsheets accept too; also after
# spaces, quotation marks and invisible characters.
LEADING = " \u00a0\u200b\u3000\ufeff\"'`"
SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"
BREAKS = "\t\r\n"
# For Python and PostgreSQL.
FORMULA = f"^(?:[{BREAKS}]|[{LEADING}]*[{BREAKS}{SIGNS}])"
_FORMULA = re.compile(FORMULA)


def defuse_formula(text: str) -> str:
    """Prefix an apostrophe, also to a formula that has one already, so that removing one restores the text."""
    return f"'{text}" if _FORMULA.match(text) else text
