"""Streaming replicas: which of them have what a request has to see, and reads from them."""
