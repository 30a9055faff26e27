#include "model/run_merger.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace skald::model {
namespace {

// The columns of a block that have a value in `row`, one after the other.
class RowMetadata {
 public:
  explicit RowMetadata(const RowRef& ref) : ref_(ref) { Skip(); }

  bool done() const { return at_ == ref_.block->metadata.size(); }
  std::string_view name() const { return ref_.block->metadata[at_].name; }
  std::string_view value() const { return ref_.block->metadata[at_][ref_.row]; }
  void Advance() {
    ++at_;
    Skip();
  }

 private:
  void Skip() {
    while (!done() && !ref_.block->metadata[at_].Has(ref_.row)) ++at_;
  }

  const RowRef ref_;
  size_t at_ = 0;
};

// Requires: equal times.
bool EqualRows(const SourcedRow& row, const SourcedRow& other) {
  const RowRef a = row.fullest();
  const RowRef b = other.fullest();
  if (!IsComplete(*a.block) || !IsComplete(*b.block)) return row.seq() == other.seq();
  if (a.block->lines[a.row] != b.block->lines[b.row]) return false;
  RowMetadata left(a);
  RowMetadata right(b);
  for (; !left.done() && !right.done(); left.Advance(), right.Advance()) {
    if (left.name() != right.name() || left.value() != right.value()) return false;
  }
  return left.done() && right.done();
}

}  // namespace

Result<std::span<SourcedRow>> ReadToCompare(std::span<SourcedRow> run) {
  if (run.front().input == run.back().input) return run;
  const auto is_complete = [](const SourcedRow& row) { return IsComplete(*row.fullest().block); };
  if (std::all_of(run.begin(), run.end(), is_complete)) return run;
  HashMap<uint64_t, size_t> inputs_with;
  size_t inputs = 0;
  for (size_t i = 0; i < run.size(); ++i) {
    if (i == 0 || run[i].input != run[i - 1].input) ++inputs;
    ++inputs_with[run[i].seq()];
  }
  const bool all_in_all = std::all_of(inputs_with.begin(), inputs_with.end(),
                                      [&](const auto& found) { return found.second == inputs; });
  if (all_in_all) return run;
  for (const SourcedRow& row : run) SKALD_RETURN_IF_ERROR(row.source->ReadWhole());
  const auto left = std::remove_if(run.begin(), run.end(),
                                   [](const SourcedRow& row) { return row.source->unreadable; });
  return run.first(static_cast<size_t>(left - run.begin()));
}

size_t RunMerger::Merge(std::span<const SourcedRow> run, std::vector<SourcedRow>& kept) {
  found_.clear();
  by_line_.clear();
  // Pays off from about here on; before, lines differ in a byte or two of a cheap comparison.
  constexpr size_t kHashFrom = 16;
  hashed_ = run.size() >= kHashFrom && std::all_of(run.begin(), run.end(), [](const auto& row) {
              return IsComplete(*row.fullest().block);
            });
  for (const SourcedRow& row : run) Add(row);
  std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
    return std::pair(a.row.seq(), a.row.input) < std::pair(b.row.seq(), b.row.input);
  });
  for (const Found& found : found_) kept.push_back(found.row);
  return run.size() - found_.size();
}

void RunMerger::Add(const SourcedRow& row) {
  size_t* first_alike = nullptr;
  size_t candidate = 0;
  if (hashed_) {
    const RowRef ref = row.fullest();
    first_alike = &by_line_.try_emplace(Hash64(ref.block->lines[ref.row]), kNone).first->second;
    candidate = *first_alike;
  }
  while (candidate < found_.size()) {
    Found& found = found_[candidate];
    if (found.matched_by != row.input && EqualRows(found.row, row)) {
      found.matched_by = row.input;
      if (row.seq() < found.row.seq()) found.row = row;
      return;
    }
    candidate = hashed_ ? found.next_alike : candidate + 1;
  }
  found_.push_back({row, row.input, first_alike != nullptr ? *first_alike : kNone});
  if (first_alike != nullptr) *first_alike = found_.size() - 1;
}

}  // namespace skald::model
