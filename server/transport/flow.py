"""Pauses and resumes reading from a connection."""

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's flow control, which also pauses reading while requests or unparsed bytes are queued."""

    _is_queue_full = False
    # uvicorn pauses reading while the application has not read the body.
    _is_paused_by_app = False

    def hold(self) -> None:
        """Pause reading until `release`, whatever the application reads."""
        self._is_queue_full = True
        FlowControl.pause_reading(self)

    def release(self) -> None:
        """Resume reading, unless the application has not read the body."""
        self._is_queue_full = False
        if not self._is_paused_by_app:
            FlowControl.resume_reading(self)

    def pause_reading(self) -> None:
        self._is_paused_by_app = True
        FlowControl.pause_reading(self)

    def resume_reading(self) -> None:
        if self.read_paused:
            self._is_paused_by_app = False
            if not self._is_queue_full:
                FlowControl.resume_reading(self)
