"""Plans: what is known of an operation before it runs."""
