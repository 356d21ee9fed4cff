"""A server with the protocol of S3: localbucket, or that of S3_ENDPOINT_URL, such as moto's."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
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
