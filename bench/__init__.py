"""Benchmarks. Opt-in; compare ratios, because absolute times depend on the machine."""
