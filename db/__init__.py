"""The only SQL: tables, queries, migrations, content."""
