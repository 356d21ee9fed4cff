"""Background jobs, domain event handlers and periodic tasks."""
