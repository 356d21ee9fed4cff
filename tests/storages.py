"""Storages of files."""

from pathlib import Path

from common.storage import DirectoryStorage, Storage


def directory_of(storage: Storage) -> Path:
    assert isinstance(storage, DirectoryStorage)
    return storage.directory
