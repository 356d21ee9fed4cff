"""The Redis client and what is built on it alone: locks, the circuit breaker, rate limits."""
