#include "chunkstore/format/column_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "chunkstore/format/varint_stream.h"
#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

// Clocks seldom tick in nanoseconds: the largest of these that divides all deltas is divided out.
constexpr std::array<uint64_t, 4> kTimeScales = {1, 1'000, 1'000'000, 1'000'000'000};
enum SeqMode : uint8_t { kConsecutive = 0, kSeqDeltas = 1 };
enum CodeMode : uint8_t { kConstant = 0, kPacked = 1, kDistances = 2 };

// More distinct values than this and codes are stored as distances, else packed in bits.
constexpr size_t kMaxPackedValues = 255;

size_t ScaleOf(std::span<const int64_t> times) {
  size_t scale = kTimeScales.size() - 1;
  for (size_t i = 1; i < times.size() && scale > 0; ++i) {
    const uint64_t delta = static_cast<uint64_t>(times[i]) - static_cast<uint64_t>(times[i - 1]);
    while (delta % kTimeScales[scale] != 0) --scale;
  }
  return scale;
}

Status Malformed(std::string_view what) { return DataLoss(std::string(what) + " are malformed"); }

// Bits needed for codes 0..max.
int BitWidth(size_t max) { return std::max(1, static_cast<int>(std::bit_width(max))); }

void PackBits(std::span<const uint32_t> codes, int width, std::string& out) {
  uint64_t pending = 0;
  int bits = 0;
  for (const uint32_t code : codes) {
    pending |= static_cast<uint64_t>(code) << bits;
    bits += width;
    while (bits >= 8) {
      out.push_back(static_cast<char>(pending));
      pending >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out.push_back(static_cast<char>(pending));
}

void UnpackBits(std::string_view bytes, int width, std::span<uint32_t> codes) {
  uint64_t pending = 0;
  int bits = 0;
  size_t at = 0;
  const uint32_t mask = (1u << width) - 1;
  for (uint32_t& code : codes) {
    if (bits < width) {
      pending |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[at++])) << bits;
      bits += 8;
    }
    code = static_cast<uint32_t>(pending) & mask;
    pending >>= width;
    bits -= width;
  }
}

// Distances count back from the newest code: 0 no value, 1 the next new value, k >= 2 the value
// that came k - 2 before the newest. Ids, each seen once, are so all ones and compress to nothing.
void EncodeDistances(std::span<const uint32_t> codes, std::string& out) {
  VarintSink sink(codes.size(), out);
  uint32_t newest = 0;
  for (const uint32_t code : codes) {
    if (code > newest) {
      newest = code;
      sink.Put(1);
    } else {
      sink.Put(code == 0 ? 0 : newest - code + 2);
    }
  }
}

Status DecodeDistances(std::string_view bytes, uint32_t value_count, std::span<uint32_t> codes) {
  VarintStream stream(bytes);
  uint32_t newest = 0;
  for (uint32_t& code : codes) {
    const uint64_t distance = stream.Next();
    if (distance == 1) {
      if (newest == value_count) return Malformed("value codes");
      code = ++newest;
    } else if (distance == 0) {
      code = 0;
    } else {
      if (distance - 2 >= newest) return Malformed("value codes");
      code = newest - static_cast<uint32_t>(distance - 2);
    }
  }
  return stream.Finished() ? Status() : Malformed("value codes");
}

Status DecodePacked(std::string_view bytes, uint32_t value_count, std::span<uint32_t> codes) {
  const int width = BitWidth(value_count);
  if (value_count > kMaxPackedValues || bytes.size() != (codes.size() * width + 7) / 8) {
    return Malformed("value codes");
  }
  UnpackBits(bytes, width, codes);
  for (const uint32_t code : codes) {
    if (code > value_count) return Malformed("value codes");
  }
  return Status();
}

Status DecodeConstant(std::string_view bytes, uint32_t value_count, std::span<uint32_t> codes) {
  VarintStream stream(bytes);
  const uint64_t code = stream.Next();
  if (!stream.Finished() || code > value_count) return Malformed("value codes");
  std::ranges::fill(codes, static_cast<uint32_t>(code));
  return Status();
}

}  // namespace

void EncodeTimes(std::span<const int64_t> times, std::string& out) {
  const size_t scale = ScaleOf(times);
  out.push_back(static_cast<char>(scale));
  PutFixed64(out, static_cast<uint64_t>(times[0]));
  VarintSink sink(times.size() - 1, out);
  for (size_t i = 1; i < times.size(); ++i) {
    SKALD_DCHECK(times[i] >= times[i - 1]);
    const uint64_t delta = static_cast<uint64_t>(times[i]) - static_cast<uint64_t>(times[i - 1]);
    sink.Put(delta / kTimeScales[scale]);
  }
}

Status DecodeTimes(std::string_view bytes, size_t count, std::vector<int64_t>& times) {
  // A first time, and at least a byte for each one after it.
  if (bytes.size() < 9 || count == 0 || bytes.size() - 9 < count - 1) return Malformed("times");
  const size_t scale_index = static_cast<uint8_t>(bytes[0]);
  if (scale_index >= kTimeScales.size()) return Malformed("times");
  const uint64_t scale = kTimeScales[scale_index];
  times.resize(count);
  int64_t time = static_cast<int64_t>(LoadFixed64(bytes.data() + 1));
  times[0] = time;
  VarintStream stream(bytes.substr(9));
  for (size_t i = 1; i < count; ++i) {
    const int64_t next = static_cast<int64_t>(static_cast<uint64_t>(time) + stream.Next() * scale);
    if (next < time) return Malformed("times");
    times[i] = time = next;
  }
  return stream.Finished() ? Status() : Malformed("times");
}

void EncodeSeqs(std::span<const uint64_t> seqs, std::string& out) {
  bool consecutive = true;
  for (size_t i = 1; i < seqs.size() && consecutive; ++i) consecutive = seqs[i] == seqs[i - 1] + 1;
  out.push_back(static_cast<char>(consecutive ? kConsecutive : kSeqDeltas));
  PutFixed64(out, seqs[0]);
  if (consecutive) return;
  VarintSink sink(seqs.size() - 1, out);
  for (size_t i = 1; i < seqs.size(); ++i) {
    sink.Put(ZigZag(static_cast<int64_t>(seqs[i] - seqs[i - 1] - 1)));
  }
}

Status DecodeSeqs(std::string_view bytes, size_t count, std::vector<uint64_t>& seqs) {
  if (bytes.size() < 9 || count == 0) return Malformed("sequence numbers");
  const uint8_t mode = static_cast<uint8_t>(bytes[0]);
  uint64_t seq = LoadFixed64(bytes.data() + 1);
  VarintStream stream(bytes.substr(9));
  seqs.resize(count);
  seqs[0] = seq;
  if (mode == kConsecutive) {
    for (size_t i = 1; i < count; ++i) seqs[i] = seq + i;
  } else if (mode == kSeqDeltas) {
    for (size_t i = 1; i < count; ++i) {
      // What a push had of the stream is consecutive, which is zeros here.
      while (count - i > VarintStream::kZeros && stream.SkipZeros()) {
        uint64_t* const next = &seqs[i];
        for (size_t k = 0; k < VarintStream::kZeros; ++k) next[k] = seq + 1 + k;
        seq += VarintStream::kZeros;
        i += VarintStream::kZeros;
      }
      seq += static_cast<uint64_t>(UnZigZag(stream.Next())) + 1;
      seqs[i] = seq;
    }
  } else {
    return Malformed("sequence numbers");
  }
  return stream.Finished() ? Status() : Malformed("sequence numbers");
}

namespace {

// Sets where each line ends, by its length less `least` in kWidth planes. Returns the last end.
template <size_t kWidth>
uint64_t SumLengths(const char* planes, uint64_t least, std::span<uint32_t> ends) {
  uint64_t end = 0;
  for (size_t row = 0; row < ends.size(); ++row) {
    uint64_t length = least;
    for (size_t place = 0; place < kWidth; ++place) {
      length += uint64_t{static_cast<uint8_t>(planes[place * ends.size() + row])} << (8 * place);
    }
    end += length + 1;
    ends[row] = static_cast<uint32_t>(end);
  }
  return end;
}

}  // namespace

// lengths := varint least  u8 width  plane*     of lengths less the least, lowest bytes first
void EncodeLengths(std::span<const uint32_t> offsets, std::string& out) {
  const size_t count = offsets.size() - 1;
  const auto length = [&](size_t row) { return offsets[row + 1] - offsets[row] - 1; };
  uint32_t least = std::numeric_limits<uint32_t>::max();
  uint32_t most = 0;
  for (size_t row = 0; row < count; ++row) {
    least = std::min(least, length(row));
    most = std::max(most, length(row));
  }
  if (count == 0) least = 0;
  const int width = (std::bit_width(most - least) + 7) / 8;
  PutVarint(out, least);
  out.push_back(static_cast<char>(width));
  size_t at = out.size();
  out.resize(at + count * static_cast<size_t>(width));
  for (int place = 0; place < width; ++place) {
    for (size_t row = 0; row < count; ++row) {
      out[at++] = static_cast<char>((length(row) - least) >> (8 * place));
    }
  }
}

Status DecodeLengths(std::string_view bytes, size_t count, std::vector<uint32_t>& offsets) {
  ByteReader reader(bytes);
  const uint64_t least = reader.Varint();
  const size_t width = reader.Byte();
  if (reader.failed() || least > std::numeric_limits<uint32_t>::max() || width > sizeof(uint32_t) ||
      reader.rest().size() != count * width) {
    return Malformed("lengths");
  }
  offsets.resize(count + 1);
  offsets[0] = 0;
  constexpr std::array kSums = {SumLengths<0>, SumLengths<1>, SumLengths<2>, SumLengths<3>,
                                SumLengths<4>};
  const uint64_t end = kSums[width](reader.rest().data(), least, std::span(offsets).subspan(1));
  return end <= std::numeric_limits<uint32_t>::max() ? Status() : Malformed("lengths");
}

void EncodeVarintLengths(std::span<const uint32_t> offsets, std::string& out) {
  VarintSink sink(offsets.size() - 1, out);
  for (size_t i = 1; i < offsets.size(); ++i) sink.Put(offsets[i] - offsets[i - 1] - 1);
}

Status DecodeVarintLengths(std::string_view bytes, size_t count, std::vector<uint32_t>& offsets) {
  if (bytes.size() < count) return Malformed("lengths");
  offsets.resize(count + 1);
  VarintStream stream(bytes);
  uint64_t offset = 0;
  offsets[0] = 0;
  for (size_t i = 1; i <= count; ++i) {
    const uint64_t length = stream.Next();
    offset += length + 1;
    if (length >= std::numeric_limits<uint32_t>::max() ||
        offset > std::numeric_limits<uint32_t>::max()) {
      return Malformed("lengths");
    }
    offsets[i] = static_cast<uint32_t>(offset);
  }
  return stream.Finished() ? Status() : Malformed("lengths");
}

void EncodeMetadata(const model::MetadataColumn& column, size_t begin, size_t end,
                    std::string& out) {
  // Values are numbered anew in the order in which these rows first show them.
  std::vector<uint32_t> renumbered(column.values.size() + 1, 0);
  std::vector<uint32_t> codes;
  codes.reserve(end - begin);
  model::TextColumn values;
  for (size_t row = begin; row < end; ++row) {
    const uint32_t code = column.codes[row];
    if (code != 0 && renumbered[code] == 0) {
      values.Append(column.values[code - 1]);
      renumbered[code] = static_cast<uint32_t>(values.size());
    }
    codes.push_back(renumbered[code]);
  }

  PutVarint(out, values.size());
  std::string lengths;
  EncodeVarintLengths(values.offsets, lengths);
  PutLengthPrefixed(out, lengths);
  PutLengthPrefixed(out, values.text);
  const bool constant = std::ranges::all_of(codes, [&](uint32_t c) { return c == codes[0]; });
  if (constant) {
    out.push_back(static_cast<char>(kConstant));
    PutVarint(out, codes.empty() ? 0 : codes[0]);
  } else if (values.size() <= kMaxPackedValues) {
    out.push_back(static_cast<char>(kPacked));
    PackBits(codes, BitWidth(values.size()), out);
  } else {
    out.push_back(static_cast<char>(kDistances));
    EncodeDistances(codes, out);
  }
}

Status DecodeMetadata(std::string_view bytes, size_t count, model::MetadataColumn& column) {
  ByteReader reader(bytes);
  const uint64_t value_count = reader.Varint();
  const std::string_view lengths = reader.LengthPrefixed();
  const std::string_view text = reader.LengthPrefixed();
  const uint8_t mode = reader.Byte();
  if (reader.failed() || value_count > count) return Malformed("values");
  SKALD_RETURN_IF_ERROR(DecodeVarintLengths(lengths, value_count, column.values.offsets));
  if (column.values.offsets.back() != text.size()) return Malformed("values");
  column.values.text = text;
  column.codes.resize(count);
  const auto distinct = static_cast<uint32_t>(value_count);
  switch (mode) {
    case kConstant:
      return DecodeConstant(reader.rest(), distinct, column.codes);
    case kPacked:
      return DecodePacked(reader.rest(), distinct, column.codes);
    case kDistances:
      return DecodeDistances(reader.rest(), distinct, column.codes);
    default:
      return Malformed("value codes");
  }
}

}  // namespace skald::chunkstore
