"""Lines that were cut into tokens, by src/chunkstore/format/FORMAT.md, "Split lines"."""
import time

from format_bytes import Reader, expect, signed64, unpack_zstd


class Split:
    """The text of a column of kind 6."""

    def __init__(self, stored, times):
        r = Reader(stored)
        raw, packed = r.varint(), r.varint()
        meta = r.take(packed)
        self.meta = Reader(meta if packed == raw else unpack_zstd(meta, raw))
        self.streams = r
        self.lines = self.group(times)
        expect(self.meta.done() and self.streams.done(), "split lines: bytes are left")

    def stream(self):
        raw, stored = self.meta.varint(), self.meta.varint()
        data = self.streams.take(stored)
        return data if raw == stored else unpack_zstd(data, raw)

    def numbers(self, count):
        if count == 0:
            return []
        least, width = self.meta.u64(), self.meta.u8()
        planes = [self.stream() for _ in range(width)]
        return [signed64(least + sum(plane[i] << 8 * n for n, plane in enumerate(planes))) for i in range(count)]

    def series(self, count):
        if self.meta.u8() == 0:
            return self.numbers(count)
        out = [signed64(self.meta.u64())]
        for delta in self.numbers(count - 1):
            out.append(signed64(out[-1] + delta))
        return out

    def group(self, times):
        shapes = self.meta.varint()
        of_text = self.numbers(len(times))
        texts = [None] * len(times)
        for shape in list(range(1, shapes + 1)) + [0]:
            rows = [i for i, s in enumerate(of_text) if s == shape]
            if shape == 0 and not rows:
                continue
            got = self.shape([times[i] for i in rows]) if shape else self.column([times[i] for i in rows])
            for i, text in zip(rows, got):
                texts[i] = text
        return texts

    def shape(self, times):
        literals = self.meta.bytes().split(b"\0")
        expect(literals.pop() == b"", "a shape's text ends with a NUL")
        texts = [literals[0]] * len(times)
        for literal in literals[1:]:
            texts = [a + b + literal for a, b in zip(texts, self.column(times))]
        return texts

    def column(self, times):
        kind, meta, rows = self.meta.u8(), self.meta, len(times)
        if kind == 1:
            return [meta.bytes()] * rows
        if kind == 2:
            values = [meta.bytes() for _ in range(meta.varint())]
            return [values[n] for n in self.numbers(rows)]
        if kind == 3:
            prefix, suffix, digits = meta.bytes(), meta.bytes(), meta.u8()
            return [prefix + decimal(n, digits) + suffix for n in self.series(rows)]
        if kind == 4:
            return self.hex_tokens(rows)
        if kind == 5:
            form, digits, zulu = meta.u8(), meta.u8(), meta.u8()
            return [time_token(n, t, form, digits, zulu) for n, t in zip(self.series(rows), times)]
        if kind == 6:
            lengths, data = self.numbers(rows), Reader(self.stream())
            return [data.take(n) for n in lengths]
        expect(kind == 7, "a column of kind %d" % kind)
        return self.group(times)

    def hex_tokens(self, rows):
        digits = b"0123456789ABCDEF" if self.meta.u8() else b"0123456789abcdef"
        token, differs = self.meta.bytes(), self.meta.bytes()
        places = [i for i, d in enumerate(differs) if d == 1]
        packed, at, out = self.stream(), 0, []
        for _ in range(rows):
            text = bytearray(token)
            for place in places:
                text[place] = digits[packed[at // 2] >> at % 2 * 4 & 15]
                at += 1
            out.append(bytes(text))
        return out


def decimal(n, digits):
    text = b"%d" % n
    if digits == 0:
        return text
    text = text.rjust(digits + 1, b"0")
    return text[:-digits] + b"." + text[-digits:]


def time_token(n, entry_time, form, digits, zulu):
    if form == 3:
        seconds = n + entry_time // 10**9 % 86400
        return b"%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    units = n + entry_time // 10**(9 - digits)
    seconds, fraction = divmod(units, 10**digits)
    date = time.gmtime(seconds)
    if form == 2:
        month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[date.tm_mon - 1]
        return b"%02d/%s/%04d:%02d:%02d:%02d" % (date.tm_mday, month.encode(), date.tm_year, *date[3:6])
    expect(form == 1, "a time of form %d" % form)
    text = b"%04d-%02d-%02dT%02d:%02d:%02d" % date[:6]
    if digits:
        text += b"." + (b"%d" % fraction).rjust(digits, b"0")
    return text + (b"Z" if zulu else b"")
