"""The read engine: what a field reads (`describe`), and who answers it.

Root fields return descriptions and do no I/O. Today one ordinary executor (`ordinary`) answers them from asyncpg
records and loaders; a planner can take the same descriptions later without a change to any field.
"""
