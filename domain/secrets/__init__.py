"""Secrets at rest: master keys, data keys, sealed values, keyed hashes."""
