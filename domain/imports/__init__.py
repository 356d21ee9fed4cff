"""What learners bring from other programs: records, matching with the dictionary, and counts of results."""
