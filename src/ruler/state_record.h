#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/frames.h"
#include "common/status.h"
#include "ruler/alert_tracker.h"
#include "ruler/group_key.h"

// The bytes of the file in which alerts outlive a process. It is a log: a header and frames, each
// with how one group's alerts stood at a time, or with the time alone. The last frame of a group
// counts.
namespace skald::ruler {

// The alerts of one group, as a process leaves them to the next.
struct SavedGroup {
  GroupKey key;
  int64_t saved_at_ns = 0;        // When this was how they stood; 0: at the log's last time.
  std::vector<RuleAlerts> rules;  // Without any, the group is forgotten.
};

inline constexpr std::string_view kStateMagic = "SKALERT1";

// The bytes of one group within a frame.
std::string EncodeSavedGroup(const SavedGroup& group);
// kDataLoss for bytes that are none.
Result<SavedGroup> DecodeSavedGroup(std::string_view bytes);

// Appends a frame: as of `time_ns`, `group` is how EncodeSavedGroup has it; empty for the time
// alone.
void AppendStateFrame(std::string& out, int64_t time_ns, std::string_view group);

// Finds the frames in a log's bytes, past damage too.
//
// Ownership: borrows the bytes.
// Threads:   not synchronised.
class StateFrameReader {
 public:
  // `bytes` are those behind the header.
  explicit StateFrameReader(std::string_view bytes);

  struct Frame {
    int64_t time_ns = 0;
    std::optional<SavedGroup> group;
  };

  // The next whole frame; nullopt at the end. Bytes that belong to none are stepped over and add to
  // damaged_bytes().
  std::optional<Frame> Next();

  uint64_t damaged_bytes() const { return frames_.damaged_bytes(); }

 private:
  FrameReader frames_;
};

}  // namespace skald::ruler
