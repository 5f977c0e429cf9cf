"""One execution of a play, from discovery to the last message."""
