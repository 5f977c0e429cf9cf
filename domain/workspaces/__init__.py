"""Who works together, and what each of them may do."""
