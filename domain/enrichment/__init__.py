"""What is found out about companies and people, from which source, and how sure it is."""
