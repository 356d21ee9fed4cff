"""Metrics of several processes: recorded in memory that they share, summed by any of them."""
