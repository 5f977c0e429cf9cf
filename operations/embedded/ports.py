"""Loopback ports for the embedded servers, and starting again when somebody else was quicker."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port that nobody listens on now.

    Another process may take it before the server does: the server then fails to start, and its launcher asks
    for another one.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
