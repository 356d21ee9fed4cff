"""Whether a connection is read."""

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's, with a hold: while requests or bytes wait, nothing more is read, whatever the application asks for."""

    _is_held = False
    # What the application asked for, or has not read.
    _is_full = False

    def hold(self) -> None:
        self._is_held = True
        FlowControl.pause_reading(self)

    def release(self) -> None:
        """Reads again, unless the application has not read a body."""
        self._is_held = False
        if not self._is_full:
            FlowControl.resume_reading(self)

    def pause_reading(self) -> None:
        self._is_full = True
        FlowControl.pause_reading(self)

    def resume_reading(self) -> None:
        if self.read_paused:
            self._is_full = False
            if not self._is_held:
                FlowControl.resume_reading(self)
