"""How a mutation is answered: its input is checked, one transaction does the work, a payload says what became of it."""
