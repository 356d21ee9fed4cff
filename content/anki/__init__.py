"""Packages of Anki (`.apkg`, `.colpkg`): read as a source of imports, and written as an export."""
