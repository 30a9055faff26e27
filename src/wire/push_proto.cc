#include "wire/push_proto.h"

#include <string_view>
#include <utility>

#include "wire/proto_reader.h"

namespace skald::wire {
namespace {

// The messages (numbers are fields, all lengths are varints). Format, hash and parsed pairs are
// checked, as any reader of them does, and not kept:
//
//   PushRequest  1: stream*  2: format
//   Stream       1: labels   2: entry*   3: hash
//   Entry        1: time     2: line     3: pair*  4: parsed pair*
//   Timestamp    1: seconds  2: nanos
//   Pair         1: name     2: value
constexpr size_t kMaxLabelTextBytes = 16 << 20;
// What an entry of a push takes at least on average, mostly: room for as many is made at once.
constexpr size_t kUsualEntryBytes = 160;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

Status Malformed(std::string_view what) {
  return InvalidArgument("proto: malformed " + std::string(what));
}

Status ReadTime(std::string_view bytes, int64_t& time_ns) {
  ProtoReader reader(bytes);
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

Status ReadPair(std::string_view bytes, model::MetadataPair& pair) {
  ProtoReader reader(bytes);
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
  return reader.failed() ? Malformed("structured metadata") : Status();
}

Status ReadEntry(std::string_view bytes, model::PushBatch& batch) {
  ProtoReader reader(bytes);
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
        SKALD_RETURN_IF_ERROR(ReadPair(reader.Bytes(), batch.metadata.emplace_back()));
        break;
      case 4: {
        model::MetadataPair unused;
        SKALD_RETURN_IF_ERROR(ReadPair(reader.Bytes(), unused));
        break;
      }
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
  ProtoReader reader(bytes);
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
      case 3:
        reader.Number();
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
  batch.entries.reserve(bytes.size() / kUsualEntryBytes);
  ProtoReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1) {
      SKALD_RETURN_IF_ERROR(ReadStream(reader.Bytes(), batch));
    } else if (reader.field() == 2) {
      reader.Bytes();
    } else {
      reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("push request");
  return batch;
}

}  // namespace skald::wire
