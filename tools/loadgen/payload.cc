#include "loadgen/payload.h"

#include <algorithm>

#include "common/bytes.h"
#include "common/compress.h"

namespace skald::loadgen {
namespace {

// Protobuf tags: field number << 3 | wire type (0 varint, 2 length-delimited).
constexpr char kStreamsTag = 1 << 3 | 2;
constexpr char kLabelsTag = 1 << 3 | 2;
constexpr char kEntriesTag = 2 << 3 | 2;
constexpr char kTimestampTag = 1 << 3 | 2;
constexpr char kLineTag = 2 << 3 | 2;
constexpr char kMetadataTag = 3 << 3 | 2;
constexpr char kNameTag = 1 << 3 | 2;
constexpr char kValueTag = 2 << 3 | 2;
constexpr char kSecondsTag = 1 << 3 | 0;
constexpr char kNanosTag = 2 << 3 | 0;

constexpr int64_t kLineStepNs = 1'000'003;

void AppendField(char tag, std::string_view bytes, std::string& out) {
  out.push_back(tag);
  PutLengthPrefixed(out, bytes);
}

void AppendTimestamp(int64_t time_ns, std::string& out) {
  std::string message;
  message.push_back(kSecondsTag);
  PutVarint(message, static_cast<uint64_t>(time_ns / 1'000'000'000));
  message.push_back(kNanosTag);
  PutVarint(message, static_cast<uint64_t>(time_ns % 1'000'000'000));
  AppendField(kTimestampTag, message, out);
}

void AppendMetadata(std::string_view name, std::string_view value, std::string& out) {
  std::string message;
  AppendField(kNameTag, name, message);
  AppendField(kValueTag, value, message);
  AppendField(kMetadataTag, message, out);
}

std::string StreamLabels(uint32_t stream, const LoadOptions& options) {
  const uint32_t app = stream % options.apps;
  const uint32_t pod = stream / options.apps;
  const auto kind = static_cast<LogKind>(app % kLogKinds);
  const std::string name = "app-" + std::to_string(app);
  return "{app=\"" + name + "\", cluster=\"c" + std::to_string(pod % 3) + "\", format=\"" +
         std::string(LogKindName(kind)) + "\", namespace=\"ns-" + std::to_string(app % 5) +
         "\", pod=\"" + name + "-" + std::to_string(pod) + "\"}";
}

}  // namespace

uint32_t PayloadMaker::Groups(const LoadOptions& options) {
  return (options.streams + options.streams_per_payload - 1) / options.streams_per_payload;
}

PayloadMaker::PayloadMaker(const LoadOptions& options, uint32_t group) : options_(options) {
  const uint32_t begin = group * options.streams_per_payload;
  const uint32_t end = std::min(options.streams, begin + options.streams_per_payload);
  for (uint32_t s = begin; s < end; ++s) {
    const auto kind = static_cast<LogKind>(s % options.apps % kLogKinds);
    const uint64_t seed = options.seed * 1'000'003 + s;
    streams_.push_back({StreamLabels(s, options), LineMaker(kind, seed), Random(~seed)});
  }
  share_bytes_ = options.bytes / options.streams * (end - begin);
}

bool PayloadMaker::Next(Payload& payload) {
  if (made_bytes_ >= share_bytes_) return false;
  payload = {};
  std::string message;
  for (Stream& stream : streams_) AppendStream(stream, BeginNs(), payload, message);
  made_bytes_ += payload.line_bytes;
  Compress(Codec::kSnappy, message, payload.body);
  return true;
}

bool PayloadMaker::NextLines(std::vector<StreamLines>& streams) {
  if (made_bytes_ >= share_bytes_) return false;
  if (streams.empty()) {
    for (const Stream& stream : streams_) streams.push_back({stream.labels, {}, {}});
  }
  const int64_t begin_ns = BeginNs();
  for (size_t s = 0; s < streams.size(); ++s) {
    for (uint32_t i = 0; i < options_.lines_per_stream; ++i) {
      const int64_t time_ns = begin_ns + i * kLineStepNs;
      std::string line;
      streams_[s].lines.Append(time_ns, line);
      made_bytes_ += line.size();
      streams[s].times_ns.push_back(time_ns);
      streams[s].lines.push_back(std::move(line));
    }
  }
  return true;
}

int64_t PayloadMaker::BeginNs() const {
  // Time advances with the bytes made, so that every stream covers the whole span evenly.
  const double done = static_cast<double>(made_bytes_) / static_cast<double>(share_bytes_);
  return options_.start_ns + static_cast<int64_t>(done * static_cast<double>(options_.span_ns));
}

void PayloadMaker::AppendStream(Stream& stream, int64_t begin_ns, Payload& payload,
                                std::string& message) {
  stream_message_.clear();
  AppendField(kLabelsTag, stream.labels, stream_message_);
  for (uint32_t i = 0; i < options_.lines_per_stream; ++i) {
    const int64_t time_ns = begin_ns + i * kLineStepNs;
    line_.clear();
    stream.lines.Append(time_ns, line_);
    entry_.clear();
    AppendTimestamp(time_ns, entry_);
    AppendField(kLineTag, line_, entry_);
    if (options_.lines_per_trace_id > 0 && i % options_.lines_per_trace_id == 0) {
      trace_id_.clear();
      AppendHex(stream.trace_ids, 32, trace_id_);
      AppendMetadata("trace_id", trace_id_, entry_);
    }
    AppendField(kEntriesTag, entry_, stream_message_);
    payload.line_bytes += line_.size();
    ++payload.lines;
  }
  AppendField(kStreamsTag, stream_message_, message);
}

}  // namespace skald::loadgen
