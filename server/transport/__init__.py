"""Connections: HTTP/1.1 and WebSocket protocols with limits, and an orderly shutdown."""
