"""Bytes of pushes, good and bad, and bombs: small bodies that unpack to a lot. Standard library only."""
import gzip
import json
import struct
import zlib

from skald_process import field, varint

from hostile.rows import NOW_NS

MIB = 1 << 20


def number(n, value):
    return varint(n << 3) + varint(value)


def snappy(message):
    """Raw snappy of literals only."""
    parts = [message[i:i + 60] for i in range(0, len(message), 60)]
    return varint(len(message)) + b"".join(bytes([(len(p) - 1) << 2]) + p for p in parts)


def stamp(ns):
    seconds, nanos = divmod(ns, 10**9)
    return number(1, seconds) + number(2, nanos)


def proto(labels=b'{a="b"}', line=b"x", ns=NOW_NS, metadata=()):
    pairs = b"".join(field(3, field(1, name) + field(2, value)) for name, value in metadata)
    return field(1, field(1, labels) + field(2, field(1, stamp(ns)) + field(2, line) + pairs))


def streams(*of):
    """The JSON of a push of (labels, values)."""
    return json.dumps({"streams": [{"stream": labels, "values": values} for labels, values in of]}).encode()


def one(value=None, labels=None):
    """The JSON of a push of one value, by default a good one."""
    return streams((labels or {"a": "b"}, [[str(NOW_NS), "x"] if value is None else value]))


def gzip_bomb(size):
    """A push whose one line is `size` bytes of x."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    out = [packer.compress(b'{"streams":[{"stream":{"a":"b"},"values":[["%d","' % NOW_NS)]
    out += [packer.compress(b"x" * MIB) for _ in range(size // MIB)]
    return b"".join(out) + packer.compress(b'"]]}]}') + packer.flush()


def deflate_bomb(size):
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return b"".join(packer.compress(b"x" * MIB) for _ in range(size // MIB)) + packer.flush()


def snappy_bomb(size):
    """A literal, then copies of 64 bytes each, three bytes a copy."""
    copies = (size - 1) // 64
    return varint(1 + 64 * copies) + b"\x00x" + b"\xfe\x01\x00" * copies


def zstd_bomb(size):
    """A frame of blocks that each say: this byte, 128 KiB times."""
    block = 128 << 10
    count = size // block
    blocks = b"".join(struct.pack("<I", block << 3 | 1 << 1 | (i == count - 1))[:3] + b"x" for i in range(count))
    return b"\x28\xb5\x2f\xfd" + b"\x00\x58" + blocks  # A window of 2 MiB, no size, no checksum.


def lz4_bomb(size):
    """A frame of blocks that each are one letter and a match of nearly 64 KiB."""
    length = (64 << 10) - 12
    more = length - 4 - 15
    match = b"\x1fx\x01\x00" + b"\xff" * (more // 255) + bytes([more % 255])
    block = match + b"\x50xxxxx"
    return b"\x04\x22\x4d\x18\x60\x40\x82" + (struct.pack("<I", len(block)) + block) * (size // length) + b"\x00" * 4


def packed(data):
    return gzip.compress(data, 1)
