"""How a field is answered: short functions that turn arguments into rows. One module a noun."""
