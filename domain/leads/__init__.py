"""People to reach: their records, where they come from and how they are told apart."""
