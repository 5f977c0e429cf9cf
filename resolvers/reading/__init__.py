"""Reads: what a field or root field *describes*, and the two executors that answer descriptions.

``describe`` says what there is to read. Planned: ``planner`` makes a ``plan`` of a selection, ``statement`` writes it
as SQL, ``engine`` binds and runs it over ``pool``, ``finish`` adds what Python computes. Ordinary: ``ordinary`` reads
records for graphql-core. ``sql`` and ``cursors`` serve both.
"""
