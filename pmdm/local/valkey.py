"""Valkey (or Redis) on this machine: a socket in a private folder, an append-only file, nothing evicted."""

import socket
from urllib.parse import quote

from .binaries import find_valkey
from .places import Home
from .service import Service


def url(home: Home) -> str:
    return f"unix://{quote(str(socket_path(home)))}?db=0"


def service(home: Home) -> Service:
    home.valkey_data.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(home)),
        "unixsocketperm": "700",
        "dir": str(home.valkey_data),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    options = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return Service(name="valkey", home=home, command=[find_valkey(), *options], answers=lambda: answers(home))


def socket_path(home: Home):
    return home.sockets / "valkey.sock"


def answers(home: Home) -> bool:
    """Whether it takes commands; False while it still loads its file."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(socket_path(home)))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
