"""The wire format of Protocol Buffers, as far as packages use it."""

from collections.abc import Iterator

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10


def read_fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field. Numbers with a fixed size are bytes. Raises ValueError."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        wire_type = key & 7
        if wire_type == _VARINT:
            value, at = _read_varint(message, at)
            yield key >> 3, value
            continue
        if wire_type == _BYTES:
            size, at = _read_varint(message, at)
        elif wire_type in (_FIXED_64, _FIXED_32):
            size = 8 if wire_type == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {wire_type}")
        if at + size > len(message):
            raise ValueError("incomplete message")
        yield key >> 3, message[at : at + size]
        at += size


def read_number(message: bytes, field: int) -> int:
    """The last value of a field of type integer, 0 if there is none. Raises ValueError."""
    found = 0
    for number, value in read_fields(message):
        if number == field and isinstance(value, int):
            found = value
    return found


def read_text(message: bytes, field: int) -> str:
    """The last value of a field of type string, empty if there is none. Raises ValueError."""
    found = b""
    for number, value in read_fields(message):
        if number == field and isinstance(value, bytes):
            found = value
    return found.decode(errors="replace")


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(_MAX_VARINT_BYTES):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, at
    raise ValueError("invalid number")
