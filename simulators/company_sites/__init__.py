"""Websites of invented companies, good and hostile ones, served on loopback by their Host header.

Host names are under ``.example``, which no public resolver knows (RFC 2606): the guarded client reaches
them by the operator's host map, ``{"*.example": "127.0.0.1:<port>"}``, with ``127.0.0.1:<port>`` on its
allow-list.
"""
