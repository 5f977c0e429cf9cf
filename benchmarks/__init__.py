"""Measurements: each a script that takes its peer or floor in the same run and prints ratios."""
