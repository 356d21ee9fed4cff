"""Whether a connection is read."""

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's, with a hold: while requests wait, nothing more is read, whatever the application asks for."""

    _is_held = False

    def hold(self) -> None:
        self._is_held = True
        self.pause_reading()

    def release(self) -> None:
        self._is_held = False
        self.resume_reading()

    def resume_reading(self) -> None:
        if self.read_paused and not self._is_held:
            self.read_paused = False
            self._transport.resume_reading()
