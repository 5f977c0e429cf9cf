"""Adapters that satisfy the ports of the domain, one folder per outside party."""
