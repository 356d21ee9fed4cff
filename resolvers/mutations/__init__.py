"""Resolvers of mutations: validate the input, run one transaction, return a payload."""
