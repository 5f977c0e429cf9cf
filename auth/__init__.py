"""Who is calling: passwords, tokens, cookies, origins, throttling."""
