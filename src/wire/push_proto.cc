#include "wire/push_proto.h"

#include <string_view>
#include <utility>

namespace skald::wire {
namespace {

// The messages, as far as they matter here (numbers are fields, all lengths are varints):
//
//   PushRequest  1: stream*
//   Stream       1: labels   2: entry*
//   Entry        1: time     2: line     3: pair*
//   Timestamp    1: seconds  2: nanos
//   Pair         1: name     2: value
enum WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroupBegin = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

constexpr size_t kMaxLabelTextBytes = 16 << 20;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Reads one message's fields. Fails on the first byte that is wrong; the caller looks once, at the
// end.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Steps to the next field. False at the end, and after a failure.
  bool Next() {
    if (next_ == end_) return false;
    const uint64_t tag = Varint();
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<uint32_t>(tag & 7);
    if (field_ == 0 || (tag >> 32) != 0) Fail();
    return !failed_;
  }
  uint32_t field() const { return field_; }

  // The value of the field, which must be of that type.
  std::string_view Bytes() {
    if (type_ != kBytes) Fail();
    return TakeBytes();
  }
  uint64_t Number() {
    if (type_ != kVarint) Fail();
    return Varint();
  }

  // Passes over the field, whatever it is.
  void Skip() {
    switch (type_) {
      case kVarint:
        Varint();
        return;
      case kFixed64:
        Take(8);
        return;
      case kBytes:
        TakeBytes();
        return;
      case kGroupBegin:
        SkipGroup();
        return;
      case kFixed32:
        Take(4);
        return;
      default:
        Fail();
    }
  }

  bool failed() const { return failed_; }

 private:
  uint64_t Varint() {
    if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) return static_cast<uint8_t>(*next_++);
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && next_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*next_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << (shift & 63);
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }

  std::string_view Take(uint64_t count) {
    if (count > static_cast<uint64_t>(end_ - next_)) {
      Fail();
      return {};
    }
    const std::string_view bytes(next_, count);
    next_ += count;
    return bytes;
  }
  std::string_view TakeBytes() { return Take(Varint()); }

  // Groups may nest: counted, as recursion would let a body choose the depth of our stack.
  void SkipGroup() {
    size_t open = 1;
    while (open > 0) {
      if (!Next()) {
        Fail();
        return;
      }
      if (type_ == kGroupBegin) {
        ++open;
      } else if (type_ == kGroupEnd) {
        --open;
      } else {
        Skip();
      }
    }
  }

  void Fail() {
    failed_ = true;
    next_ = end_;
  }

  const char* next_;
  const char* end_;
  uint32_t field_ = 0;
  uint32_t type_ = 0;
  bool failed_ = false;
};

Status Malformed(std::string_view what) {
  return InvalidArgument("proto: malformed " + std::string(what));
}

Status ReadTime(std::string_view bytes, int64_t& time_ns) {
  FieldReader reader(bytes);
  int64_t seconds = 0;
  int32_t nanos = 0;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        seconds = static_cast<int64_t>(reader.Number());
        break;
      case 2:
        nanos = static_cast<int32_t>(reader.Number());
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("timestamp");
  if (nanos < 0 || nanos >= kNanosPerSecond) {
    return InvalidArgument("timestamp: nanos not in range [0, 1e9): " + std::to_string(nanos));
  }
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &time_ns) ||
      __builtin_add_overflow(time_ns, nanos, &time_ns)) {
    return InvalidArgument("timestamp: seconds out of range: " + std::to_string(seconds));
  }
  return {};
}

Status ReadPair(std::string_view bytes, model::PushBatch& batch) {
  FieldReader reader(bytes);
  model::MetadataPair pair;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        pair.name = reader.Bytes();
        break;
      case 2:
        pair.value = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("structured metadata");
  batch.metadata.push_back(pair);
  return {};
}

Status ReadEntry(std::string_view bytes, model::PushBatch& batch) {
  FieldReader reader(bytes);
  model::PushEntry entry;
  entry.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
  bool has_time = false;
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        SKALD_RETURN_IF_ERROR(ReadTime(reader.Bytes(), entry.time_ns));
        has_time = true;
        break;
      case 2:
        entry.line = reader.Bytes();
        break;
      case 3:
        SKALD_RETURN_IF_ERROR(ReadPair(reader.Bytes(), batch));
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("entry");
  if (!has_time) return InvalidArgument("entry without a timestamp");
  entry.metadata_count = static_cast<uint32_t>(batch.metadata.size()) - entry.metadata_begin;
  batch.entries.push_back(entry);
  return {};
}

Status ReadStream(std::string_view bytes, model::PushBatch& batch) {
  FieldReader reader(bytes);
  model::PushStream stream;
  stream.entry_begin = static_cast<uint32_t>(batch.entries.size());
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        stream.label_text = reader.Bytes();
        break;
      case 2:
        SKALD_RETURN_IF_ERROR(ReadEntry(reader.Bytes(), batch));
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("stream");
  if (stream.label_text.size() > kMaxLabelTextBytes) {
    return ResourceExhausted("request body too large: stream labels size " +
                             std::to_string(stream.label_text.size()) + " exceeds limit of " +
                             std::to_string(kMaxLabelTextBytes));
  }
  stream.entry_count = static_cast<uint32_t>(batch.entries.size()) - stream.entry_begin;
  batch.streams.push_back(std::move(stream));
  return {};
}

}  // namespace

Result<model::PushBatch> DecodePushProto(std::string message) {
  model::PushBatch batch;
  const std::string_view bytes = batch.buffers.emplace_back(std::move(message));
  FieldReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1) {
      SKALD_RETURN_IF_ERROR(ReadStream(reader.Bytes(), batch));
    } else {
      reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("push request");
  return batch;
}

}  // namespace skald::wire
