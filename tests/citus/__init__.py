"""Tests on a Citus cluster, which `make citus` starts."""
