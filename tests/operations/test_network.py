import socket

import pytest

from tests.network import OutsideNetwork
from tests.waiting import HANGS_S


def test_no_test_connects_to_another_machine() -> None:
    with socket.socket() as client, pytest.raises(OutsideNetwork, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(OutsideNetwork):
        client.sendto(b"?", ("192.0.2.1", 53))
    with socket.socket(socket.AF_INET6) as client, pytest.raises(OutsideNetwork):
        client.connect_ex(("2001:db8::1", 80))


def test_no_test_looks_a_name_up_but_reading_an_address_is_no_look_up() -> None:
    with pytest.raises(OutsideNetwork, match="example"):
        socket.getaddrinfo("example.com", 443)
    assert socket.getaddrinfo("192.0.2.1", 443)[0][4] == ("192.0.2.1", 443)
    assert socket.getaddrinfo("0x7f.1", 443)[0][4] == ("127.0.0.1", 443)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "::ffff:127.0.0.1"):
            socket.create_connection((host, port), timeout=HANGS_S).close()
