"""Learner data on several servers with Citus. See docs/decisions/0027-learner-data-on-citus.md."""
