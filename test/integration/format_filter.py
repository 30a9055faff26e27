"""The filters of blocks and packs, by what FORMAT.md says of them: that none denies what its lines hold.

Raises Damage where one does, or where its bytes are not as FORMAT.md says.
"""
from format_bytes import Reader, crc32c, expect

FACTOR = 0x9E3779B97F4A7C15
ID_FACTOR = 0xC2B2AE3D27D4EB4F
MIX_FACTOR = 0xFF51AFD7ED558CCD
NUMBER_BYTES = frozenset(b"0123456789abcdef.:-")
NO_LIMIT = 1 << 18  # Of hashes of grams.
HEX_DIGITS = frozenset(b"0123456789abcdef")
CLASS_DIGITS = (16, 24, 32)
ID_GRAM = 12


def fold(text):
    return bytes(c + 32 if 65 <= c <= 90 else c for c in text)


def spellings(text):
    """The folded text, also with k and s for the letters that fold to them."""
    return {fold(text), fold(text.replace("\u212a".encode(), b"k").replace("\u017f".encode(), b"s"))}


def gram_hash(gram):
    return int.from_bytes(gram, "little") * FACTOR % 2**64 >> 46


def is_of_word(gram):
    return len(gram) == 4 and all(97 <= c <= 122 or c == 95 or c >= 128 for c in gram) and not NUMBER_BYTES.issuperset(gram)


# --- of a block


def grams_of(folded):
    for i in range(len(folded) - 3):
        if b"\n" not in folded[i:i + 4] and not NUMBER_BYTES.issuperset(folded[i:i + 4]):
            yield folded[i:i + 4]
    for i in range(len(folded) - 5):
        if NUMBER_BYTES.issuperset(folded[i:i + 6]):
            yield folded[i:i + 6]


def check_limited_filter(data, lines, part=None):
    """A filter that tells of grams whose hash is below a limit, or a part of it."""
    expect(len(data) >= 8, "a filter of %d bytes" % len(data))
    limits = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
    expect(max(limits) <= NO_LIMIT, "limits %d and %d" % limits)
    check_block_filter(data[8:], lines, limits, part)


def check_block_filter(data, lines, limits=(NO_LIMIT, NO_LIMIT), part=None):
    """`limits` of grams of words and of others; `part`: of four, each of which has every fourth bit."""
    expect(len(data) % 8 == 0, "a bitmap of %d bytes" % len(data))
    for gram in {gram for line in lines for text in spellings(line) for gram in grams_of(text)}:
        h = gram_hash(gram)
        if h >= limits[not is_of_word(gram)] or part not in (None, h % 4):
            continue
        bit = (h if part is None else h // 4) % (8 * len(data))
        expect(data[bit // 8] >> bit % 8 & 1, "the filter denies %r" % gram)


def mix(x, factor):
    x = x * factor % 2**64
    return x ^ x >> 32


def add_text(h, text):
    for at in range(0, len(text) + 1, 8):
        h = mix(h ^ int.from_bytes(text[at:at + 8], "little"), FACTOR)
    return h


def value_bits(name, value, bits):
    h = mix(add_text(add_text(len(name) + (len(value) << 32), name), value), MIX_FACTOR)
    return [((h + i * (h >> 32 | 1)) % 2**32 * bits) >> 32 for i in range(5)]


def check_value_filter(data, pairs):
    """`pairs` of names and values, as bytes."""
    expect(data and len(data) % 8 == 0, "a filter of %d bytes" % len(data))
    for name, value in pairs:
        for bit in value_bits(name, value, 8 * len(data)):
            expect(data[bit // 8] >> bit % 8 & 1, "the filter denies %r=%r" % (name, value))


# --- of a pack


class KeySet:
    def __init__(self, table):
        self.keys, self.range, self.region_bits, self.rice_bits = table.varint(), table.varint(), table.u8(), table.u8()
        self.sizes = [table.u8() | table.u8() << 8 for _ in range(1 << self.region_bits)]
        self.members = set()

    def scale(self, key):
        return key * self.range >> 32

    def read_regions(self, r):
        for region, size in enumerate(self.sizes):
            if size == 0:
                continue
            data, crc = r.take(size - 4), r.u32()
            expect(crc32c(data) == crc, "region crc")
            bits, least = int.from_bytes(data, "little"), self.scale(region << (32 - self.region_bits))
            while bits:
                zeros = (bits & -bits).bit_length() - 1
                bits >>= zeros + 1
                scaled = least + (zeros << self.rice_bits | bits & (1 << self.rice_bits) - 1)
                bits >>= self.rice_bits
                self.members.add((region, scaled))
                least = scaled + 1
        expect(len(self.members) <= self.keys, "more keys than there are")

    def has(self, key):
        return (key >> (32 - self.region_bits), self.scale(key)) in self.members


class RibbonSet:
    """Pairs of a key and a group; asked for, as they cannot be told from what is stored."""

    def __init__(self, table):
        self.keys, self.region_bits, self.print_bits = table.varint(), table.u8(), table.u8()
        self.sizes = [table.u8() | table.u8() << 8 for _ in range(1 << self.region_bits)]
        self.regions = []

    def read_regions(self, r):
        for size in self.sizes:
            data, crc = (r.take(size - 4), r.u32()) if size else (b"", 0)
            expect(crc32c(data) == crc, "region crc")
            expect(size == 0 or len(data) > 1 and (len(data) - 1) % self.print_bits == 0, "a region of %d bytes" % size)
            self.regions.append(data)

    def has(self, key, group):
        region = self.regions[key >> (32 - self.region_bits)]
        if not region:
            return False
        slots = (len(region) - 1) // self.print_bits * 8
        reach = min(slots, 64)
        h = ((key << 32 | group) + region[0] * FACTOR) % 2**64
        h = (h ^ h >> 32) * MIX_FACTOR % 2**64
        h ^= h >> 32
        g = h * ID_FACTOR % 2**64
        first, chosen = (g >> 32) * (slots - reach + 1) >> 32, (h | 1) % 2**reach
        wanted = (g ^ g >> 32) % 2**self.print_bits
        columns = int.from_bytes(region[1:], "little")
        return all(bin(columns >> column * slots + first & chosen).count("1") & 1 == wanted >> column & 1
                   for column in range(self.print_bits))


def words_of(folded):
    for i in range(len(folded) - 3):
        gram = folded[i:i + 4]
        if is_of_word(gram):
            yield gram_hash(gram) << 14


def ids_of(folded):
    """(class, key) of each id's keys."""
    begin = 0
    while begin < len(folded):
        end = begin
        while end < len(folded) and folded[end] in NUMBER_BYTES:
            end += 1
        digits = bytes(c for c in folded[begin:end] if c in HEX_DIGITS)
        number = sum(len(digits) >= least for least in CLASS_DIGITS) - 1
        if number >= 0:
            for window in range(len(digits) - CLASS_DIGITS[number] + 1):
                yield number, id_key(digits[window:window + CLASS_DIGITS[number]], number)
        begin = end + 1


def id_key(window, number):
    def rank(at):
        return int.from_bytes(window[at:at + 4], "little") * 0x9E3779B1 % 2**32 & ~31

    first = min(range(len(window) - ID_GRAM + 1), key=rank)
    gram = window[first:first + ID_GRAM]
    m = int.from_bytes(gram[:8], "little") * FACTOR % 2**64 ^ int.from_bytes(gram[8:], "little") * ID_FACTOR % 2**64
    m = (m + number * ID_FACTOR) % 2**64
    m ^= m >> 32
    return m * MIX_FACTOR % 2**64 >> 32


def check_pack_filter(head, regions, chunks):
    """`chunks`: those of the pack, with their fingerprint and their rows: (seq, time, line, metadata)."""
    expect(crc32c(head[:-4]) == int.from_bytes(head[-4:], "little"), "crc of the pack's filter")
    r, has_id, words, names, classes = Reader(head[:-4]), None, None, None, 0
    while not r.done():
        kind, section = r.u8(), Reader(r.bytes())
        if kind in (1, 4):
            classes, ids, groups = section.u8(), KeySet(section), 32 if kind == 4 else 1
            ids.read_regions(Reader(regions))
            has_id = lambda key, group, ids=ids, groups=groups: ids.has(key ^ group % groups << 11)
        elif kind == 5:
            classes, ids = section.u8(), RibbonSet(section)
            ids.read_regions(Reader(regions))
            has_id = ids.has
        elif kind == 2:
            words = KeySet(section)
            words.read_regions(section)
        elif kind == 3:
            names = set()
            while not section.done():
                names.add(section.bytes())
    for chunk in chunks:
        rows, group = chunk["rows"], chunk["fingerprint"] % 32
        texts = {row[2] for row in rows} | {value.encode() for row in rows for value in row[3].values()}
        for text in {spelling for text in texts for spelling in spellings(text)}:
            for key in words_of(text) if words else ():
                expect(words.has(key), "the pack's filter denies a word of %r" % text)
            for number, key in ids_of(text) if has_id else ():
                told = classes >> number & 1 and has_id(key, group)
                expect(told, "the pack's filter denies an id of %r" % text)
        for name in {name for row in rows for name in row[3]} if names is not None else ():
            expect(name.encode() in names, "the pack's filter denies %r" % name)
    return has_id is not None and words is not None and names is not None
