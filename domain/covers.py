"""Cover images of books: what is accepted, by its content."""

import re
import struct
from dataclasses import dataclass
from typing import TypeGuard

MAX_COVER_BYTES = 1024 * 1024
# Of the width and the height, in pixels.
MIN_SIDE, MAX_SIDE = 32, 4_096

COVER_PATH = "/covers/"
# By the extension of their names.
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
COVER_NAME = re.compile(rf"[0-9a-f]{{32}}\.(?:{'|'.join(MEDIA_TYPES)})")

_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x00IEND\xaeB`\x82"
# Frame headers of JPEG: all of C0 to CF but three other markers.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class CoverError(ValueError):
    """A file that is not an accepted image, with the reason."""


@dataclass(frozen=True, slots=True)
class CoverImage:
    """`extension`: one of `MEDIA_TYPES`. Sides in pixels."""

    extension: str
    width: int
    height: int


def parse_cover(content: bytes) -> CoverImage:
    """Return the format and the size, which the file itself has; its name is not used. Raises CoverError."""
    if len(content) > MAX_COVER_BYTES:
        raise CoverError(f"the file has {len(content):,} bytes; the maximum is {MAX_COVER_BYTES:,}")
    try:
        image = _parse(content)
    except (struct.error, IndexError):
        image = None
    if image is None:
        raise CoverError("the file is not a complete PNG, JPEG or WebP image")
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (image.width, image.height)):
        size = f"{image.width} × {image.height}"
        raise CoverError(f"the image has {size} pixels; each side must have {MIN_SIDE} to {MAX_SIDE:,}")
    return image


def is_stored_cover(url: str | None) -> TypeGuard[str]:
    """Return whether the URL of a cover is the path of an uploaded one."""
    return url is not None and url.startswith(COVER_PATH)


def _parse(content: bytes) -> CoverImage | None:
    if content.startswith(_PNG_START) and content.endswith(_PNG_END) and content[12:16] == b"IHDR":
        return CoverImage("png", *struct.unpack_from(">II", content, 16))
    if content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9"):
        return _parse_jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        # Chunks have an even length, which some writers do not count.
        [size] = struct.unpack_from("<I", content, 4)
        return _parse_webp(content) if len(content) in (size + 8, size + 9) else None
    return None


def _parse_jpeg(content: bytes) -> CoverImage | None:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        [length] = struct.unpack_from(">H", content, position + 2)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return CoverImage("jpg", width, height)
        if length < 2:
            return None
        position += 2 + length
    return None


def _parse_webp(content: bytes) -> CoverImage | None:
    match content[12:16]:
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", content, 26)
            return CoverImage("webp", width & 0x3FFF, height & 0x3FFF)
        case b"VP8L" if content[20] == 0x2F:
            [sides] = struct.unpack_from("<I", content, 21)
            return CoverImage("webp", (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
            return CoverImage("webp", width, height) if len(content) >= 30 else None
    return None
