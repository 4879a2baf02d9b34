"""Clients that die while they send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from provider.tools.hangs import HANG_SECONDS

__all__ = ["send_half_a_request"]


def send_half_a_request(url: str, path: str, *headers: str) -> None:
    """Send a request to a server, half of its body, and close the connection."""
    address = urlsplit(url)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {address.netloc}",
        "Content-Type: application/json",
        "Content-Length: 100",
        *headers,
    ]
    with socket.create_connection(
        (str(address.hostname), address.port or 80), timeout=HANG_SECONDS
    ) as connection:
        connection.sendall("\r\n".join([*lines, "", '{"half": ']).encode())
