"""Everything at once: workers killed and stopped, the database gone, a mail provider that hangs up."""
