"""Periodic maintenance: retention, partitions, materialized views."""
