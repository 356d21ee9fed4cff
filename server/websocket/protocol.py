"""uvicorn's WebSocket, which takes a handshake that was refused with a response for one that nobody answered."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection, from its handshake on."""

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            # Otherwise it logs an error: anybody could fill the log.
            self.handshake_complete = True
