"""When work happens in the background; the only folder that knows arq."""
