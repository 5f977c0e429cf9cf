"""A PostgreSQL and a Valkey of our own, for machines that have neither; production brings real ones."""
