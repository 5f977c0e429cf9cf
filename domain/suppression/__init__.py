"""Who must never be contacted, and why."""
