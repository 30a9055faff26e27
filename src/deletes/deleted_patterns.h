#pragma once

#include <optional>
#include <utility>

#include "common/hash.h"
#include "common/status.h"
#include "deletes/compiled_request.h"
#include "model/batch_source.h"
#include "model/labels.h"
#include "model/log_batch.h"
#include "patterns/deleted_lines.h"
#include "patterns/pattern_entry.h"

namespace skald::deletes {

// What a request means for the patterns that its lines had a part in.
class DeletedPatterns final : public patterns::DeletedLines {
 public:
  explicit DeletedPatterns(RequestPart part) : part_(std::move(part)) {}

  model::TimeRange range() const override { return part_.range; }
  bool HasStream(const model::Labels& stream) const override {
    return model::MatchesAll(part_.request->matchers(), stream);
  }
  bool MayHave(const model::Labels& stream, std::string_view level,
               std::string_view pattern) const override {
    return part_.request->patterns().MaySelect(stream, level, pattern);
  }

 private:
  const RequestPart part_;
};

// When entries are from that tell of patterns in the time of `range`: an entry has the time at
// which what it tells of begins.
model::TimeRange PatternEntriesRange(model::TimeRange range);

// What to ask a source for to have the entries that tell of patterns of the request's lines, among
// others. The tenant is the caller's to fill in.
Result<model::ScanRequest> PatternEntriesOf(const RequestPart& part);

// Takes entries of one stream {__pattern__="..."} out that tell of patterns the request's lines
// may have a part in, each as a whole.
//
// Threads: not synchronised.
class PatternEntryPart {
 public:
  explicit PatternEntryPart(const RequestPart& part) : part_(part), patterns_(part) {}

  // As EntryFilter has it.
  Status Apply(model::LogBatch& batch);

 private:
  bool IsMeant(std::string_view line);
  // Of the entry at hand, if the request selects the stream it is about.
  const std::optional<model::Labels>& Stream();

  const RequestPart part_;
  const DeletedPatterns patterns_;
  patterns::PatternEntry entry_;
  StringMap<std::optional<model::Labels>> streams_;  // By their labels as text. Most are about few.
};

}  // namespace skald::deletes
