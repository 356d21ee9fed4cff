"""Sends notifications by e-mail."""
