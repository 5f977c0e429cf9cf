"""The firms people work for: one record per registrable domain, or per name where no domain is known."""
