#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "notify/sample_segment.h"
#include "notify/srv_lookup.h"

namespace skald::notify {
namespace {

constexpr uint64_t kSegment = 1;

// Reads all frames. What is whole is written again, and must read back the same.
void ReadFrames(std::string_view bytes) {
  SampleFrameReader reader(bytes, kSegment);
  while (const auto samples = reader.Next()) {
    if (samples->empty()) continue;
    std::string again;
    AppendSampleFrame(again, kSegment, *samples);
    const auto copy = SampleFrameReader(again, kSegment).Next();
    if (!copy.has_value()) std::abort();
    std::string same;
    AppendSampleFrame(same, kSegment, *copy);
    if (same != again) std::abort();  // Not the samples: NaN differs from itself.
  }
  if (reader.position() != bytes.size() || reader.damaged_bytes() > bytes.size()) std::abort();
}

}  // namespace
}  // namespace skald::notify

// The input as a segment's frames, and behind a whole frame with a checksum that is right; and as a
// name server's answer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::notify;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)CheckSampleSegmentHeader(input, kSegment);
  ReadFrames(input);
  const Sample sample{.labels = {{"__name__", input.substr(0, 100)}}, .time_ms = 1, .value = 2};
  std::string frame;
  AppendSampleFrame(frame, kSegment, {&sample, 1});
  ReadFrames(frame.append(input));
  (void)ParseSrvAnswer({data, size});
  return 0;
}
