import socket

import pytest

from frontdesk.supervisor.sockets import PortInUse, _resolve, bind, close


def test_all_sockets_share_the_port_that_was_taken() -> None:
    sockets = bind("127.0.0.1", 0, 3)
    ports = {sock.getsockname()[1] for sock in sockets}
    close(sockets)
    assert len(ports) == 1


def test_a_port_where_somebody_listens_is_refused_even_to_the_same_user() -> None:
    first = bind("127.0.0.1", 0, 1)
    port = first[0].getsockname()[1]
    with pytest.raises(PortInUse, match=f"Port {port} of 127.0.0.1 is in use"):
        bind("127.0.0.1", port, 1)
    close(first)


def test_a_port_can_be_taken_again_right_after_it_served_somebody() -> None:
    sockets = bind("127.0.0.1", 0, 1)
    address = sockets[0].getsockname()
    with socket.create_connection(address):
        served, _ = sockets[0].accept()
        served.close()
    close(sockets)
    close(bind("127.0.0.1", address[1], 2))


def test_an_address_of_version_6_is_one_too() -> None:
    family, address = _resolve("::1", 8000)
    assert family is socket.AF_INET6
    assert address[:2] == ("::1", 8000)
