"""Reads a store by what FORMAT.md says, and by nothing else: no line of this is from the server.

The index is read as keys and values (rocksdb_pairs.py), as RocksDB is a format of its own. Raises Damage where the bytes
are not as FORMAT.md says.
"""
import struct

from format_bytes import CODECS, Damage, Reader, crc32c, expect, read_labels, unpack_lz4, unpack_snappy, unpack_zstd, unzigzag
from format_filter import check_block_filter, check_limited_filter, check_pack_filter, check_value_filter
from format_split import Split

DAY_NS = 86_400_000_000_000


# --- the write-ahead log

def read_wal_segment(data, segment):
    """[(tenant, labels, seq, time, line, metadata), ...] in the order of the log."""
    r = Reader(data)
    head = r.take(20)
    expect(head[:8] == b"SKALDWAL" and r.u32() == crc32c(head), "segment header")
    expect(struct.unpack("<IQ", head[8:]) == (1, segment), "segment header")
    streams, entries = {}, []
    while not r.done():
        header = r.take(20)
        expect(header[:4] == b"SkWr" and r.u32() == crc32c(header), "frame header")
        low, length, unpacked, payload_crc = struct.unpack("<IIII", header[4:])
        expect(low == segment & 0xFFFFFFFF, "a frame of another segment")
        payload = r.take(length)
        expect(crc32c(payload) == payload_crc, "frame payload")
        if unpacked > 0:
            payload = unpack_lz4(payload, unpacked)
        read_wal_payload(Reader(payload), streams, entries)
    return entries


def read_wal_payload(r, streams, entries):
    texts = {}
    while not r.done():
        kind, stream, body = r.u8(), r.varint(), Reader(r.bytes())
        if kind == 1:
            streams[stream] = (body.bytes().decode(), read_labels(body.bytes()))
        elif kind == 3:
            texts[stream] = unpack_snappy(body.rest())
        elif kind in (2, 4):
            text = texts[body.varint()] if kind == 4 else None
            entries += [streams[stream] + entry for entry in read_wal_entries(body, text)]


def read_wal_entries(r, text):
    seq, count, entry_time, end, names = r.varint(), r.varint(), 0, 0, []
    for i in range(count):
        entry_time += r.zigzag()
        metadata = {}
        for _ in range(r.varint()):
            index = r.varint()
            if index > 0:
                pair = names[index - 1]
            else:
                pair = [r.bytes().decode(), b""]
                if len(names) < 64:
                    names.append(pair)
            length = r.varint()
            if length > 0:
                pair[1] = r.take(length - 1)
            metadata[pair[0]] = pair[1].decode()
        place = r.varint() if text is not None else 0
        if place == 0:
            line = r.bytes()
        else:
            end += unzigzag(place - 1)
            length = r.varint()
            line, end = text[end:end + length], end + length
        yield seq + i, entry_time, line, metadata
    expect(r.done(), "bytes are left behind entries")


# --- chunks and packs

def read_chunk(data):
    """[(seq, time, line, metadata), ...] and the numbers of blocks with split lines, with a filter, with one in parts."""
    r = Reader(data)
    prologue = r.take(24)
    expect(r.u32() == crc32c(prologue), "prologue crc")
    magic, version, table_bytes, table_crc, chunk_bytes = struct.unpack("<4sIIIQ", prologue)
    expect(magic == b"SKCH" and version == 5 and chunk_bytes == len(data), "prologue")
    table = r.take(table_bytes)
    expect(crc32c(table) == table_crc, "block table crc")
    t = Reader(table)
    blocks = [read_block_head(t) for _ in range(t.varint())]
    expect(t.done(), "bytes are left in the block table")
    filters_data = r.take(sum(block["filters_bytes"] for block in blocks))
    for block in blocks:
        block["filters_data"] = filters_data
        expect(block["filters_bytes"] == sum(f["bytes"] for f in block["filters"]), "filters of another length")
    filters = sorted((f["kind"], i, f["offset"], f["bytes"]) for i, block in enumerate(blocks) for f in block["filters"])
    expect([f[2] for f in filters] == [sum(f[3] for f in filters[:i]) for i in range(len(filters))], "filters are not by kind")
    entries, split = [], 0
    for block in blocks:
        block["data"] = r.take(block["data_bytes"])
        entries += read_block(block)
        split += any(c["kind"] == 6 for c in block["columns"])
    expect(r.done(), "bytes are left in the chunk")
    return entries, split, sum(bool(b["filters"]) for b in blocks), sum(4 in [f["kind"] for f in b["filters"]] for b in blocks)


def read_block_head(t):
    block = {"entries": t.varint(), "min_time": t.zigzag()}
    block["max_time"] = block["min_time"] + t.varint()
    block["min_seq"] = t.varint()
    block["max_seq"] = block["min_seq"] + t.varint()
    for key in ("line_bytes", "metadata_bytes", "metadata_volume", "filters_bytes", "data_bytes"):
        block[key] = t.varint()
    block["columns"] = [
        {"kind": t.u8(), "name": t.bytes().decode(), "codec": t.u8(), "offset": t.varint(), "stored": t.varint(),
         "raw": t.varint(), "crc": t.u32()} for _ in range(t.varint())]
    block["filters"] = [
        {"kind": t.u8(), "offset": t.varint(), "bytes": t.varint(), "crc": t.u32()} for _ in range(t.varint())]
    return block


def read_block(block):
    count, raw, metadata = block["entries"], {}, {}
    for column in block["columns"]:
        stored = block["data"][column["offset"]:column["offset"] + column["stored"]]
        expect(crc32c(stored) == column["crc"], "column crc")
        data = CODECS[column["codec"]](stored, column["raw"])
        if column["kind"] == 5:
            metadata[column["name"]] = read_metadata(Reader(data), count)
        else:
            raw[column["kind"]] = data
            expect(column["kind"] == 6 or len(data) == column["raw"], "column length")
    times, seqs = read_times(Reader(raw[1]), count), read_seqs(Reader(raw[2]), count)
    lengths = read_lengths(Reader(raw[7]), count)
    if 6 in raw:
        lines = Split(raw[6], times).lines
        expect([len(line) for line in lines] == lengths, "split lines: lengths")
    else:
        lines = read_text(raw[4], lengths)
    expect((times[0], times[-1]) == (block["min_time"], block["max_time"]), "times of the header")
    expect((min(seqs), max(seqs)) == (block["min_seq"], block["max_seq"]), "seqs of the header")
    expect(sum(lengths) == block["line_bytes"], "line_bytes of the header")
    rows = [{name: values[i].decode() for name, values in metadata.items() if values[i] is not None} for i in range(count)]
    counted = sum(len(n.encode()) + len(v.encode()) for row in rows for n, v in row.items() if n != "detected_level")
    expect(counted == block["metadata_bytes"], "metadata_bytes of the header")
    texts = {text.encode() for row in rows for pair in row.items() for text in pair}
    volume = 8 * sum(map(len, rows)) + sum(map(len, texts))
    expect(volume == block["metadata_volume"], "metadata_volume of the header")
    check_filters(block, lines, metadata)
    return list(zip(seqs, times, lines, rows))


def read_text(data, lengths):
    r, lines = Reader(data), []
    for length in lengths:
        lines.append(r.take(length))
        expect(r.take(1) == b"\n", "a newline behind each line")
    expect(r.done(), "bytes are left behind lines")
    return lines


def read_times(r, count):
    scale = 10**(3 * r.u8())
    times = [r.i64()]
    while len(times) < count:
        times.append(times[-1] + r.varint() * scale)
    expect(r.done(), "bytes are left behind times")
    return times


def read_seqs(r, count):
    kind, seqs = r.u8(), [r.u64()]
    while len(seqs) < count:
        seqs.append(seqs[-1] + 1 + (r.zigzag() if kind == 1 else 0))
    expect(kind in (0, 1) and r.done(), "bytes are left behind seqs")
    return seqs


def read_lengths(r, count):
    least, width = r.varint(), r.u8()
    planes = [r.take(count) for _ in range(width)]
    expect(r.done(), "bytes are left behind lengths")
    return [least + int.from_bytes(bytes(plane[i] for plane in planes), "little") for i in range(count)]


def read_varints(r, count):
    lengths = [r.varint() for _ in range(count)]
    expect(r.done(), "bytes are left behind varints")
    return lengths


def read_metadata(r, count):
    """The value of each row, or None."""
    number = r.varint()
    lengths = read_varints(Reader(r.bytes()), number)
    values = [None] + read_text(r.bytes(), lengths)
    kind = r.u8()
    if kind == 0:
        codes = [r.varint()] * count
    elif kind == 1:
        width = max(number.bit_length(), 1)
        bits = int.from_bytes(r.rest(), "little")
        codes = [bits >> width * i & (1 << width) - 1 for i in range(count)]
    else:
        expect(kind == 2, "codes of kind %d" % kind)
        codes, newest = [], 0
        for _ in range(count):
            k = r.varint()
            newest += k == 1
            codes.append(0 if k == 0 else newest if k == 1 else newest - (k - 2))
    expect(r.done(), "bytes are left behind codes")
    return [values[code] for code in codes]


def check_filters(block, lines, metadata):
    filtered = {c["name"] for c in block["columns"] if c["kind"] == 5 and c["stored"] >= 1024}
    parts = sorted(entry["kind"] for entry in block["filters"] if 4 <= entry["kind"] <= 7)
    expect(parts in ([], [4, 5, 6, 7]), "filter parts %s" % parts)
    for entry in block["filters"]:
        data = block["filters_data"][entry["offset"]:entry["offset"] + entry["bytes"]]
        expect(crc32c(data) == entry["crc"], "filter crc")
        if entry["kind"] == 1:
            check_block_filter(data, lines)
        if entry["kind"] == 3:
            check_limited_filter(data, lines)
        if 4 <= entry["kind"] <= 7:
            check_limited_filter(data, lines, part=entry["kind"] - 4)
        if entry["kind"] == 2:
            check_value_filter(data, {(name.encode(), value) for name in filtered for value in metadata[name] if value is not None})


def read_pack(data):
    """[{tenant, labels, offset, bytes, ..., entries}, ...], a chunk each."""
    magic, version = struct.unpack("<4sI", data[:8])
    expect(magic == b"SKPK" and version in (7, 4), "pack head")
    chunks_at, head, regions = 8, b"", b""
    if version == 4:
        head_bytes, regions_bytes, crc = struct.unpack("<III", data[8:20])
        expect(crc32c(data[:16]) == crc, "pack head")
        chunks_at = 20 + head_bytes + regions_bytes
        head, regions = data[20:20 + head_bytes], data[20 + head_bytes:chunks_at]
    chunks = read_chunks(data, version, chunks_at)
    filtered = bool(head) and check_pack_filter(head, regions, chunks)
    for chunk in chunks:
        chunk["pack_filtered"] = filtered
    return chunks


def read_chunks(data, version, at):
    """The chunks of a pack, which begin at `at`, by its directory."""
    footer = data[-40:]
    offset, size, raw, directory_crc, footer_version, crc, magic = struct.unpack("<QQQIII4s", footer)
    expect(magic == b"SKPE" and footer_version == version and crc32c(footer[:32]) == crc, "pack footer")
    directory = data[offset:offset + size]
    expect(offset + size + 40 == len(data) and crc32c(directory) == directory_crc, "pack directory")
    r, chunks = Reader(unpack_zstd(directory, raw)), []
    expect(version == 7 or r.varint() == at, "chunks_offset")
    for _ in range(r.varint()):
        chunk = {"tenant": r.bytes().decode(), "labels": read_labels(r.bytes()), "fingerprint": r.u64(), "offset": at,
                 "bytes": r.varint(), "head_bytes": r.varint(), "min_time": r.zigzag()}
        chunk["max_time"] = chunk["min_time"] + r.varint()
        for key in ("max_seq", "entries", "line_bytes", "metadata_bytes", "metadata_volume"):
            chunk[key] = r.varint()
        rows, chunk["split"], chunk["filtered"], chunk["parted"] = read_chunk(data[at:at + chunk["bytes"]])
        expect(len(rows) == chunk["entries"] and max(s for s, *_ in rows) == chunk["max_seq"], "directory")
        expect((rows[0][1], rows[-1][1]) == (chunk["min_time"], chunk["max_time"]), "directory")
        chunk["rows"] = rows
        at += chunk["bytes"]
        chunks.append(chunk)
    expect(r.done() and at == offset, "chunks fill the pack")
    return chunks


# --- the index


def read_index(pairs):
    """{"chunks": [...], "series": {...}, ...} of the keys and values in `pairs`."""
    out = {"days": {}, "series": {}, "chunks": [], "fingerprints": {}, "names": set(), "values": set(), "postings": {},
           "presence": {}, "watermarks": {}, "packs": {}, "day_packs": {}, "thinned": set(), "unpurged": set(), "facts": {}}
    for key, value in pairs:
        r, v = Reader(key), Reader(value)
        kind = r.take(1)
        if kind == b"P":
            out["packs"][r.rest().decode()] = v.varint()
            continue
        if kind == b"M":
            out["facts"][r.rest().decode()] = value
            continue
        tenant = r.bytes().decode()
        if kind == b"w":
            fingerprint = int.from_bytes(r.take(8), "big")
            out["watermarks"][tenant, fingerprint] = (v.u64(), v.u32())
            continue
        day = (tenant, int.from_bytes(r.take(4), "big") - 0x80000000)
        if kind == b"T":
            out["days"][day] = v.u32()
        elif kind == b"d":
            out["thinned"].add(day)
        elif kind == b"q":
            chunks, first = v.varint(), v.zigzag()
            out["day_packs"][day, r.rest().decode()] = (chunks, first, first + v.varint())
        elif kind == b"u":
            out["unpurged"].add(day)
        elif kind == b"s":
            read_series(day, r, v, out)
        elif kind == b"f":
            out["fingerprints"][day, int.from_bytes(r.take(8), "big")] = [v.u32() for _ in range(len(value) // 4)]
        elif kind == b"n":
            out["names"].add((day, r.rest().decode()))
        elif kind == b"v":
            out["values"].add((day, r.bytes().decode(), r.rest().decode()))
        elif kind in (b"p", b"h"):
            name = (r.bytes().decode(), r.bytes().decode()) if kind == b"p" else r.bytes().decode()
            upper = int.from_bytes(r.take(2), "big") << 16
            ids = {upper | low for low in struct.unpack("<%dH" % (len(value) // 2), value)}
            out["postings" if kind == b"p" else "presence"].setdefault((day, name), set()).update(ids)
        else:
            raise Damage("a key of kind %r" % kind)
        expect(r.done(), "bytes are left behind a key of kind %r" % kind)
    return out


def read_series(day, r, v, out):
    series = (day, int.from_bytes(r.take(4), "big"))
    if r.done():
        out["series"][series] = read_labels(v.rest())
        return
    first = int.from_bytes(r.take(8), "big") - (1 << 63)
    offset, pack = int.from_bytes(r.take(8), "big"), r.rest().decode()
    chunk = {"series": series, "pack": v.bytes().decode(), "offset": v.varint(), "bytes": v.varint(),
             "head_bytes": v.varint(), "min_time": v.zigzag()}
    chunk["max_time"] = chunk["min_time"] + v.varint()
    for key in ("max_seq", "entries", "line_bytes", "metadata_bytes", "metadata_volume"):
        chunk[key] = v.varint()
    expect(v.done() and (first, offset, pack) == (chunk["min_time"], chunk["offset"], chunk["pack"]), "a chunk's key")
    out["chunks"].append(chunk)
