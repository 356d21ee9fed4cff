"""Imported before all tests: saves processor time of all processes of a run."""

import gc
import os
import sys

# Each process would compile every module that it imports, which takes longer than most test files.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Like those of the server: a process of the tests has even more objects, which are never freed.
gc.set_threshold(50_000, 5, 2)
