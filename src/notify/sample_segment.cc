#include "notify/sample_segment.h"

#include <bit>

#include "common/bytes.h"
#include "common/hash.h"

namespace skald::notify {
namespace {

constexpr std::string_view kSegmentMagic = "SKSAMPL1";
constexpr std::string_view kFrameMagic = "\xf5SMP";
// A sample has at least a length, a time and a value.
constexpr size_t kMinSampleBytes = 17;

// Of its frames: those of another segment's file are none of this one.
std::string ContextOf(uint64_t segment) {
  std::string context;
  PutFixed64(context, segment);
  return context;
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
  AppendFrame(out, kFrameMagic, ContextOf(segment), payload);
}

SampleFrameReader::SampleFrameReader(std::string_view bytes, uint64_t segment)
    : frames_(bytes, kFrameMagic, ContextOf(segment)) {}

std::optional<std::vector<Sample>> SampleFrameReader::Next() {
  while (const auto payload = frames_.Next()) {
    if (auto samples = DecodePayload(*payload); samples.has_value()) return samples;
    frames_.Reject();
  }
  return std::nullopt;
}

}  // namespace skald::notify
