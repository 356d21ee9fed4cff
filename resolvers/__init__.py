"""Resolvers: short functions from arguments to rows. One module for each noun."""
