"""The first image file directory of a TIFF structure (TIFF 6.0, section 2), which EXIF data are, too."""

import struct
from dataclasses import dataclass

# By TIFF 6.0's numbers of types, and LONG8 (16), which writers of BigTIFF put into plain TIFF, too.
_TYPES = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory's entries: for each tag its type, its number of values, and where they lie in `data`."""

    data: bytes
    order: str
    entries: dict[int, tuple[int, int, int]]

    def numbers(self, tag: int, most: int) -> tuple[int, ...]:
        """Return a tag's whole numbers; none if it is not there.

        Raises:
            ValueError: there are more than `most`, they are no whole numbers, or lie outside the data.
        """
        if tag not in self.entries:
            return ()
        kind, count, place = self.entries[tag]
        if kind not in _TYPES or count > most:
            raise ValueError(f"tag {tag} has {count} values of type {kind}")
        form = f"{self.order}{count}{_TYPES[kind]}"
        try:
            if struct.calcsize(form) > 4:
                place = struct.unpack_from(f"{self.order}I", self.data, place)[0]
            return struct.unpack_from(form, self.data, place)
        except struct.error as error:
            raise ValueError(f"tag {tag} lies outside the file") from error

    def number(self, tag: int, default: int) -> int:
        """Return a tag's first number, or the default if the tag is not there; errors as `numbers`."""
        return next(iter(self.numbers(tag, 64)), default)

    def blob(self, tag: int, most: int) -> bytes | None:
        """Return a tag's bytes; None if it is not there, has more than `most`, or lies outside the data."""
        kind, count, place = self.entries.get(tag, (0, 0, 0))
        if kind not in {1, 7} or not 4 < count <= most:
            return None
        start = int(struct.unpack_from(f"{self.order}I", self.data, place)[0])
        return self.data[start : start + count] if start + count <= len(self.data) else None


def read_ifd(data: bytes) -> Directory:
    """Read the first directory of a TIFF structure; of tags that come twice the first counts, as in libtiff.

    Raises:
        ValueError: it is no TIFF structure, or cut off.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise ValueError("no byte order")
    entries: dict[int, tuple[int, int, int]] = {}
    try:
        start = struct.unpack_from(f"{order}I", data, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", data, start)[0]):
            place = start + 2 + 12 * number
            tag, kind, count = struct.unpack_from(f"{order}HHI", data, place)
            entries.setdefault(tag, (kind, count, place + 8))
    except struct.error as error:
        raise ValueError("the directory is cut off") from error
    return Directory(data, order, entries)
