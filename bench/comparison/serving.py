"""Serves an ASGI application on any free port, and prints the URL like `shinjp serve`, without other services."""

import socket
import sys

import uvicorn


def main(application: str) -> None:
    config = uvicorn.Config(application, http="httptools", access_log=False, log_level="critical")
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
