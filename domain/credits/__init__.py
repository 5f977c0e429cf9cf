"""What work costs, who paid for it, and what is left."""
