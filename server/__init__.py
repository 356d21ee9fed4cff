"""The composition root: everything that faces the network, and the only package that knows all the others."""
