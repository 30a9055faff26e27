#include "notify/write_request.h"

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"

// The messages, with their fields' numbers:
//
//   WriteRequest  1 timeseries: TimeSeries, repeated
//   TimeSeries    1 labels: Label, repeated, by name; 2 samples: Sample, repeated
//   Label         1 name: string; 2 value: string
//   Sample        1 value: double; 2 timestamp: int64, milliseconds
namespace skald::notify {
namespace {

constexpr char kFirstBytes = 1 << 3 | 2;    // Field 1 as length and bytes.
constexpr char kSecondBytes = 2 << 3 | 2;   // Field 2, the same.
constexpr char kFirstFixed64 = 1 << 3 | 1;  // Field 1 as eight bytes.
constexpr char kSecondVarint = 2 << 3 | 0;  // Field 2 as a varint.

void PutField(std::string& out, char tag, std::string_view bytes) {
  out.push_back(tag);
  PutLengthPrefixed(out, bytes);
}

// The labels' part of a TimeSeries.
std::string EncodeLabels(const model::Labels& labels) {
  std::string out;
  std::string label;
  for (const model::LabelView& view : labels) {
    label.clear();
    PutField(label, kFirstBytes, view.name);
    PutField(label, kSecondBytes, view.value);
    PutField(out, kFirstBytes, label);
  }
  return out;
}

void PutSample(std::string& series, const Sample& sample) {
  std::string message;
  message.push_back(kFirstFixed64);
  PutFixed64(message, std::bit_cast<uint64_t>(sample.value));
  message.push_back(kSecondVarint);
  PutVarint(message, static_cast<uint64_t>(sample.time_ms));
  PutField(series, kSecondBytes, message);
}

}  // namespace

std::string EncodeWriteRequest(std::span<const Sample> samples) {
  std::vector<std::string> series;
  ViewMap<size_t> places;  // In `series`, by the labels' encoding.
  for (const Sample& sample : samples) {
    const auto [it, is_new] = places.emplace(sample.labels.encoded(), series.size());
    if (is_new) series.push_back(EncodeLabels(sample.labels));
    PutSample(series[it->second], sample);
  }
  std::string request;
  for (const std::string& one : series) PutField(request, kFirstBytes, one);
  std::string packed;
  Compress(Codec::kSnappy, request, packed);
  return packed;
}

}  // namespace skald::notify
