#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ruler/state_json.h"
#include "ruler/state_record.h"

namespace skald::ruler {
namespace {

// Reads all frames. What is whole is written again, and must read back the same.
size_t ReadFrames(std::string_view bytes) {
  StateFrameReader reader(bytes);
  size_t frames = 0;
  for (; const auto frame = reader.Next(); ++frames) {
    if (!frame->group.has_value()) continue;
    const std::string again = EncodeSavedGroup(*frame->group);
    const auto copy = DecodeSavedGroup(again);
    if (!copy.ok() || EncodeSavedGroup(*copy) != again) std::abort();
  }
  if (reader.damaged_bytes() > bytes.size()) std::abort();
  return frames;
}

}  // namespace
}  // namespace skald::ruler

// The input as frames, behind a whole one, and as a group within one whose checksum is right; and
// as a file of the first version.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::ruler;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReadFrames(input);
  std::string frame;
  AppendStateFrame(frame, 1, "");
  AppendStateFrame(frame, 2, input);
  if (ReadFrames(frame.append(input)) == 0) std::abort();
  (void)DecodeStateJson(input).ok();
  return 0;
}
