#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "distributor/push_rules.h"
#include "distributor/refusals.h"
#include "distributor/stream_profile.h"
#include "model/push_batch.h"

namespace skald::distributor {

// What limits and stats count for an entry: its line and the names and values of its metadata.
size_t EntryBytes(const model::PushEntry& entry, std::span<const model::MetadataPair> metadata);

// Checks a push's streams and entries against the tenant's limits and keeps book of what it
// refuses.
//
// Ownership: borrows the rules and the book, which must outlive it.
// Threads:   not synchronised; one for each push.
class PushValidator {
 public:
  struct Options {
    std::string_view tenant;
    int64_t now_ns = 0;
    bool backfill = false;  // Entries may be as old as they like ...
    // ... but for what is before this, for which the store has no room.
    int64_t floor_ns = std::numeric_limits<int64_t>::min();
  };

  PushValidator(const PushRules& rules, const Options& options, Refusals& refusals);

  // Whether a stream's labels are good. If not, all of its entries count as refused.
  bool CheckStream(const StreamProfile& profile, uint64_t entries, uint64_t bytes);

  // Whether the stream must not be stored at present, by the tenant's or its policy's settings.
  bool IsBlocked(const StreamProfile& profile) const;
  // Counts the entries of a stream as refused because it is blocked.
  // Requires: IsBlocked(profile).
  void RefuseBlocked(const StreamProfile& profile, uint64_t entries, uint64_t bytes);
  // Why the last blocked stream was; empty if none was.
  const std::string& blocked_message() const { return blocked_message_; }

  // Whether an entry is good. If not it counts as refused.
  // Requires: `profile` is that of the last CheckStream.
  bool CheckEntry(const StreamProfile& profile, const model::PushEntry& entry,
                  std::span<const model::MetadataPair> metadata);

  // Counts an entry as refused for a reason that others have found.
  void RefuseEntry(const StreamProfile& profile, std::string_view reason, std::string_view message,
                   size_t bytes);

 private:
  // 0 if the stream's policy is not blocked by a setting.
  int64_t PolicyBlockedUntil(const StreamProfile& profile) const;
  bool RefuseStream(const StreamProfile& profile, std::string_view reason, std::string_view message,
                    uint64_t entries, uint64_t bytes);
  bool CheckTime(const StreamProfile& profile, const model::PushEntry& entry, size_t bytes);
  bool CheckMetadata(const StreamProfile& profile, std::span<const model::MetadataPair> metadata,
                     size_t metadata_bytes, size_t bytes);
  // The stream as messages show it; made when the first entry of the stream is refused.
  const std::string& LabelText(const StreamProfile& profile);

  const PushRules& rules_;
  const Limits& limits_;
  const Options options_;
  Refusals& refusals_;
  int64_t oldest_ns_;
  int64_t newest_ns_;
  std::string blocked_message_;
  std::string label_text_;  // Of the stream at hand, once it is needed.
};

}  // namespace skald::distributor
