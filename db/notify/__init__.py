"""LISTEN/NOTIFY, domain events and the job queue."""
