"""Benchmarks. Opt-in, and about ratios: absolute times depend on the machine."""
