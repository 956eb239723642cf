"""A real server on loopback, and a client that writes and reads the bytes themselves."""

import json
import socket
import threading
from contextlib import contextmanager

import uvicorn


@contextmanager
def serving(app):
    """A real server on loopback; gives its port."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def raw(port, text, body=b""):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)
    return connection


def asking(question, **more):
    body = json.dumps({"question": question, **more}).encode()
    return f"POST /ask HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: {len(body)}\n", body
