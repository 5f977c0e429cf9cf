"""The built-in e-mail verifier: syntax, lists and DNS; nobody is written to."""
