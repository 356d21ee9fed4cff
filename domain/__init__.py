"""What ShinJP knows without any I/O: levels, ids, errors, days, text."""
