"""What the API looks like. No rules, no queries."""
