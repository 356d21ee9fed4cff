"""Statements, one module a noun: what a row has, and every way to find it."""
