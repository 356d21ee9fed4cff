"""Load of 10,000 learners: see `bench/load/README.md`."""

from pathlib import Path

FOLDER = Path(__file__).parent
# The population of a run, for k6 and for the process of connections.
POPULATION = "population.json"
