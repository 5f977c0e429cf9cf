"""When and whether a message may leave, handing it over exactly once, and knowing what became of it."""
