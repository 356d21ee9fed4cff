"""Runs the job worker, in this process or in a subprocess."""
