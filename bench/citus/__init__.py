"""Learner data on a Citus cluster: `python -m bench.citus PROGRAMS`."""
