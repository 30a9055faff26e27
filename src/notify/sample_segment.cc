#include "notify/sample_segment.h"

#include <algorithm>
#include <bit>

#include "common/bytes.h"
#include "common/hash.h"

namespace skald::notify {
namespace {

constexpr std::string_view kSegmentMagic = "SKSAMPL1";
constexpr std::string_view kFrameMagic = "\xf5SMP";
constexpr size_t kFrameHeaderBytes = 12;  // Magic, payload's length, checksum.
// A sample has at least a length, a time and a value.
constexpr size_t kMinSampleBytes = 17;

uint32_t FrameChecksum(uint64_t segment, std::string_view payload) {
  std::string head;
  PutFixed64(head, segment);
  PutFixed32(head, static_cast<uint32_t>(payload.size()));
  return Crc32c(payload, Crc32c(head));
}

std::optional<std::vector<Sample>> DecodePayload(std::string_view payload) {
  ByteReader reader(payload);
  const uint64_t count = reader.Varint();
  if (count > payload.size() / kMinSampleBytes) return std::nullopt;
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    sample.time_ms = static_cast<int64_t>(reader.Fixed64());
    sample.value = std::bit_cast<double>(reader.Fixed64());
    auto labels = model::Labels::Decode(reader.LengthPrefixed());
    if (reader.failed() || !labels.ok()) return std::nullopt;
    sample.labels = *std::move(labels);
  }
  if (!reader.AtEnd()) return std::nullopt;
  return samples;
}

}  // namespace

std::string EncodeSampleSegmentHeader(uint64_t segment) {
  std::string header(kSegmentMagic);
  PutFixed64(header, segment);
  PutFixed32(header, Crc32c(header));
  return header;
}

Status CheckSampleSegmentHeader(std::string_view bytes, uint64_t segment) {
  if (bytes.substr(0, kSampleSegmentHeaderBytes) != EncodeSampleSegmentHeader(segment)) {
    return DataLoss("segment " + std::to_string(segment) + ": the header is damaged");
  }
  return {};
}

void AppendSampleFrame(std::string& out, uint64_t segment, std::span<const Sample> samples) {
  std::string payload;
  PutVarint(payload, samples.size());
  for (const Sample& sample : samples) {
    PutFixed64(payload, static_cast<uint64_t>(sample.time_ms));
    PutFixed64(payload, std::bit_cast<uint64_t>(sample.value));
    PutLengthPrefixed(payload, sample.labels.encoded());
  }
  out.append(kFrameMagic);
  PutFixed32(out, static_cast<uint32_t>(payload.size()));
  PutFixed32(out, FrameChecksum(segment, payload));
  out.append(payload);
}

std::optional<std::vector<Sample>> SampleFrameReader::Next() {
  for (size_t at = at_; at < bytes_.size(); ++at) {
    at = std::min(bytes_.find(kFrameMagic, at), bytes_.size());
    auto samples = FrameAt(at);
    if (!samples.has_value()) continue;
    damaged_bytes_ += at - at_;
    at_ = next_;
    return samples;
  }
  damaged_bytes_ += bytes_.size() - at_;
  at_ = bytes_.size();
  return std::nullopt;
}

std::optional<std::vector<Sample>> SampleFrameReader::FrameAt(size_t at) {
  const std::string_view rest = bytes_.substr(std::min(at, bytes_.size()));
  if (rest.size() < kFrameHeaderBytes) return std::nullopt;
  const uint32_t length = LoadFixed32(rest.data() + 4);
  if (length > rest.size() - kFrameHeaderBytes) return std::nullopt;
  const std::string_view payload = rest.substr(kFrameHeaderBytes, length);
  if (LoadFixed32(rest.data() + 8) != FrameChecksum(segment_, payload)) return std::nullopt;
  next_ = at + kFrameHeaderBytes + length;
  return DecodePayload(payload);
}

}  // namespace skald::notify
