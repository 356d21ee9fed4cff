"""The usage of a storage, counted without a scan of all files for each check."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StorageUsage:
    """Number and total bytes of all files, including unfinished ones, and free bytes on the disk, if there is one."""

    files: int
    size: int
    free: int


class CountedUsage:
    """A scan that is at most `seconds` old, and what this process has created and deleted since.

    Methods are called by several threads. While one scans, the others use the scan before.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._scanned: StorageUsage | None = None
        self._scan_at = 0.0
        # What this process has added since it started, now and as of the scan.
        self._files = self._size = 0
        self._scanned_files = self._scanned_size = 0

    def get(self, scan: Callable[[], StorageUsage]) -> StorageUsage:
        with self._lock:
            if self._scanned is not None and time.monotonic() < self._scan_at:
                return self._current(self._scanned)
            self._scan_at = time.monotonic() + self._seconds
            files, size = self._files, self._size
        scanned = scan()
        with self._lock:
            self._scanned, self._scanned_files, self._scanned_size = scanned, files, size
            # A slow scan is not repeated more often than a quick one.
            self._scan_at = time.monotonic() + self._seconds
            return self._current(scanned)

    def add(self, files: int, size: int) -> None:
        """Count created files, or with negative numbers deleted ones."""
        with self._lock:
            self._files += files
            self._size += size

    def _current(self, scanned: StorageUsage) -> StorageUsage:
        files = scanned.files + self._files - self._scanned_files
        size = scanned.size + self._size - self._scanned_size
        return StorageUsage(max(0, files), max(0, size), scanned.free)
