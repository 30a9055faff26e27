"""Numbers, checksums and codecs, as the server's FORMAT.md names them.

Standard library only, but for zstd, which is called in its own library. Raises Damage for bytes that are not so.
"""
import ctypes
import ctypes.util
import struct


class Damage(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Damage(what)


def make_crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


CRC_TABLE = make_crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc = CRC_TABLE[(crc ^ b) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def unzigzag(n):
    return n >> 1 ^ -(n & 1)


def signed64(n):
    n &= (1 << 64) - 1
    return n - (1 << 64) if n >> 63 else n


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        expect(self.at + count <= len(self.data), "bytes are missing")
        self.at += count
        return self.data[self.at - count:self.at]

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return struct.unpack("<I", self.take(4))[0]

    def u64(self):
        return struct.unpack("<Q", self.take(8))[0]

    def i64(self):
        return struct.unpack("<q", self.take(8))[0]

    def varint(self):
        value = shift = 0
        while True:
            b = self.u8()
            value |= (b & 127) << shift
            if b < 128:
                return value & (1 << 64) - 1
            shift += 7

    def zigzag(self):
        return unzigzag(self.varint())

    def bytes(self):
        return self.take(self.varint())

    def rest(self):
        return self.take(len(self.data) - self.at)

    def done(self):
        return self.at == len(self.data)


def copy_back(out, distance, count):
    expect(0 < distance <= len(out), "a copy from before the beginning")
    for _ in range(count):
        out.append(out[-distance])


def unpack_lz4(data, _size):
    out, r = bytearray(), Reader(data)

    def length(n):
        while n >= 15:
            b = r.u8()
            n += b
            if b < 255:
                break
        return n

    while not r.done():
        token = r.u8()
        out += r.take(length(token >> 4))
        if r.done():
            break
        distance = r.u8() | r.u8() << 8
        copy_back(out, distance, length(token & 15) + 4)
    return bytes(out)


def unpack_snappy(data, _size=None):
    r = Reader(data)
    size, out = r.varint(), bytearray()
    while not r.done():
        tag = r.u8()
        if tag & 3 == 0:
            n = tag >> 2
            if n >= 60:
                n = int.from_bytes(r.take(n - 59), "little")
            out += r.take(n + 1)
        elif tag & 3 == 1:
            copy_back(out, (tag >> 5) << 8 | r.u8(), (tag >> 2 & 7) + 4)
        else:
            copy_back(out, int.from_bytes(r.take(2 if tag & 3 == 2 else 4), "little"), (tag >> 2) + 1)
    expect(len(out) == size, "snappy: another length")
    return bytes(out)


ZSTD = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


def unpack_zstd(data, size):
    out = ctypes.create_string_buffer(max(size, 1))
    expect(ZSTD.ZSTD_decompress(out, size, bytes(data), len(data)) == size, "zstd: another length")
    return out.raw[:size]


CODECS = {0: lambda data, size: data, 2: unpack_snappy, 3: unpack_lz4, 4: unpack_zstd}


def read_labels(encoded):
    """Labels::encoded(): names and values in turn."""
    r, labels = Reader(encoded), {}
    while not r.done():
        name = r.bytes().decode()
        labels[name] = r.bytes().decode()
    return labels
