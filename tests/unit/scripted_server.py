"""A server on the loopback that sends scripted answers and records the requests."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer. `body` is sent as JSON unless it is bytes. `drop` closes the connection without an answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


DROP = Answer(drop=True)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Script:
    """Answers in their order; the last answer is repeated. `requests` lists the received requests, oldest first."""

    answers: list[Answer]
    url: str = ""
    requests: list[Request] = field(default_factory=list)

    def take_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _parse_body(data: bytes) -> Any:
    """Parse JSON. Bytes that are not JSON are returned unchanged."""
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data


@contextmanager
def serve_answers(*answers: Answer) -> Iterator[Script]:
    script = Script(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.requests.append(Request(self.command, self.path, headers, _parse_body(text)))
            script_answer = script.take_answer()
            if script_answer.drop:
                self.close_connection = True
                return
            body = (
                script_answer.body
                if isinstance(script_answer.body, bytes)
                else json.dumps(script_answer.body).encode()
            )
            self.send_response(script_answer.status)
            for name, value in {"Content-Length": str(len(body)), **script_answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: tests read stderr."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 256  # connections that wait to be accepted: some tests open many at once

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Write nothing about a client that has gone: tests read stderr."""
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
