"""Authentication: JSON Web Tokens, signing keys, and the viewers they belong to."""
