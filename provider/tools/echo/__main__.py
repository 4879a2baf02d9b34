"""Simulated Azure: plugins `azure-native`, `azuread` and `random` that keep their inputs and send no requests.

    python -m provider.tools.echo azure-native|azuread|random ENGINE_ADDRESS

is the engine's command (see `install.py`). A program runs as with Azure, from its first preview to the end, and wrong
names of properties fail. Values are not checked.
"""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # the engine may end the plugin before it serves
        signal.signal(number, lambda *_: os._exit(0))
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from .plugin import EchoProvider

    package, engine = sys.argv[1], sys.argv[-1]
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=NO_LIMIT)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(EchoProvider(package, engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
