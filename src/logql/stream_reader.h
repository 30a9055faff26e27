#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"
#include "logql/answer_stages.h"
#include "logql/engine.h"
#include "logql/entry_selection.h"
#include "logql/found_entry.h"
#include "logql/plan/scan_plan.h"
#include "logql/plan/shards.h"
#include "logql/stages/pipeline.h"
#include "model/batch_source.h"

namespace skald::logql {

// Runs the stages of a log query over one shard after the other, and gives what they leave to the
// selection of the best entries.
//
// Ownership: borrows what it is given.
// Threads:   not synchronised; each worker has its own.
class StreamReader {
 public:
  static Result<std::unique_ptr<StreamReader>> Make(const Query& query, const ScanPlan& plan,
                                                    const AnswerStages& stages);

  // Reads a shard of `scan` in the query's direction for as long as its entries have a chance, and
  // there are no more than `limit` of them.
  Status Read(model::StreamScan& scan, const Shard& shard, size_t limit, EntrySelection& selection,
              model::ScanContext& context);

 private:
  StreamReader(const Query& query, const AnswerStages& stages);

  int64_t NearestTime(const model::LogBatch& batch) const;
  void DropHopeless(model::LogBatch& batch, const EntrySelection& selection) const;
  Status ReadBatch(const model::LogBatch& batch, size_t wanted, const EntrySelection& selection,
                   const CancelToken& cancel);
  bool Counts(size_t i, AnswerMarks& marks);
  bool IsNew(std::string_view value);
  void Collect(const RowSlice& slice, size_t i, AnswerMarks marks);

  const bool forward_;
  const bool categorize_;
  const bool tell_parsed_;
  const std::string outer_label_;  // Of Query.
  const AnswerStages& stages_;
  RowMarks marks_;
  std::unique_ptr<Pipeline> pipeline_;
  uint64_t stream_ = 0;    // The rank of the stream being read,
  uint32_t scan_ = 0;      // its place,
  uint64_t position_ = 0;  // and that of the next entry found in the shard.
  std::vector<FoundEntry> found_;
  StringMap<bool> seen_;  // Values of the shard that a distinct tells apart.
};

}  // namespace skald::logql
