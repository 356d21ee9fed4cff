"""How textbooks are generated: the job, and who plans and writes the chapters."""
