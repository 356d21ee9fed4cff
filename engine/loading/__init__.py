"""Batch loading of fields."""
