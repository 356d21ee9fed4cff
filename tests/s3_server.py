"""A server with the protocol of S3: localbucket, or that of S3_ENDPOINT_URL, such as moto's."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from localbucket import S3Handler


@contextmanager
def s3_bucket(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yields the URL of an empty bucket, whose server and credentials are in the environment."""
    endpoint = os.environ.get("S3_ENDPOINT_URL")
    server = None
    if endpoint is None:
        handler = type("Handler", (S3Handler,), {"data_root": directory, "log_message": lambda *_: None})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
    bucket = f"shinjp-{os.urandom(8).hex()}"
    urlopen(Request(f"{endpoint}/{bucket}", method="PUT")).close()
    values = {"ENDPOINT_URL": endpoint, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    for name, value in values.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    try:
        yield f"s3://{bucket}/files"
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


@contextmanager
def failing_s3(monkeypatch: pytest.MonkeyPatch, status: int, code: str) -> Iterator[None]:
    """New clients use a server that answers each PUT with this error."""
    content = f"<Error><Code>{code}</Code><Message>Failed.</Message></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        with monkeypatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
            yield
    finally:
        server.shutdown()
        server.server_close()
