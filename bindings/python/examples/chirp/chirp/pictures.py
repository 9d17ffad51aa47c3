"""Pictures as bytes: which of the four formats it is, how large, and a copy without what the camera wrote.

The format is told by the first bytes alone, never by a file name. Photographs carry the place they were taken
(EXIF, XMP, text chunks): `clean` leaves that out and keeps only the orientation of a JPEG.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAX_SIDE = 10_000
_UPRIGHT = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0"


class NotAPicture(ValueError):
    """The bytes are no picture that chirp takes. The message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to store. Width and height are in pixels, as shown."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int


def read(data: bytes) -> Picture:
    """Recognise and clean a PNG, JPEG, GIF or WebP. Raises NotAPicture."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            picture = _png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            picture = _jpeg(data)
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            picture = Picture(data, "image/gif", "gif", *struct.unpack_from("<HH", data, 6))
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            picture = _webp(data)
        else:
            raise NotAPicture("That file is not a PNG, JPEG, GIF or WebP picture.")
    except (struct.error, IndexError) as error:
        raise NotAPicture("That picture is damaged.") from error
    if not (0 < picture.width <= MAX_SIDE and 0 < picture.height <= MAX_SIDE):
        raise NotAPicture(f"A picture may be at most {MAX_SIDE} pixels wide and high.")
    return picture


def _png(data: bytes) -> Picture:
    kept, position, size = [data[:8]], 8, (0, 0)
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + 12 + length]
        if len(chunk) < 12 + length:
            raise NotAPicture("That picture is damaged.")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", chunk, 8)
        if kind not in (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append(chunk)
        position += 12 + length
        if kind == b"IEND":
            break
    return Picture(b"".join(kept), "image/png", "png", *size)


def _jpeg(data: bytes) -> Picture:
    kept, position, size, orientation = [data[:2]], 2, (0, 0), 1
    while data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        segment = data[position : position + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise NotAPicture("That picture is damaged.")
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        if marker not in (0xE1, 0xED, 0xFE):  # EXIF and XMP, IPTC, comment
            kept.append(segment)
        position += 2 + length
        if marker == 0xDA:  # the scan: what follows is the picture itself
            kept.append(data[position:])
            break
    if orientation != 1:
        body = _UPRIGHT % orientation
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    if orientation >= 5:  # lying on its side
        size = (size[1], size[0])
    return Picture(b"".join(kept), "image/jpeg", "jpg", *size)


def _orientation(tiff: bytes) -> int:
    """The orientation tag (274) of EXIF, 1 to 8."""
    order = ">" if tiff[:2] == b"MM" else "<"
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(min(count, 100)):
        tag, _kind, _count, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * index)
        if tag == 274:
            return value if 1 <= value <= 8 else 1
    return 1


def _webp(data: bytes) -> Picture:
    kept, position, size = [], 12, (0, 0)
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        chunk = data[position : position + 8 + length + length % 2]
        if kind == b"VP8X":
            # No EXIF (8) and no XMP (4) any more.
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
            size = (1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little"))
        elif kind == b"VP8 " and size == (0, 0):
            width, height = struct.unpack_from("<HH", chunk, 14)
            size = (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L" and size == (0, 0):
            (bits,) = struct.unpack_from("<I", chunk, 9)
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        if kind not in (b"EXIF", b"XMP "):
            kept.append(chunk)
        position += 8 + length + length % 2
    body = b"WEBP" + b"".join(kept)
    return Picture(b"RIFF" + struct.pack("<I", len(body)) + body, "image/webp", "webp", size[0], size[1])
