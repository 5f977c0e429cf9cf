"""Wake-ups between processes through Valkey."""
