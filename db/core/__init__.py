"""Connections, statements, transactions and pagination: what every query builds on."""
