#include "model/merged_source.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "model/run_merger.h"

namespace skald::model {
namespace {

// A batch of which some rows are still to be handed out.
class PendingBatch {
 public:
  PendingBatch(std::unique_ptr<LogBatch> batch, Direction direction)
      : batch_(std::move(batch)), direction_(direction), end_(batch_->selection.size()) {}

  bool empty() const { return begin_ == end_; }
  // Requires: !empty().
  int64_t FirstKey() const { return KeyAt(direction_ == Direction::kForward ? begin_ : end_ - 1); }
  int64_t LastKey() const { return KeyAt(direction_ == Direction::kForward ? end_ - 1 : begin_); }

  // Takes the rows with keys below `limit` out and returns their places in the selection.
  std::pair<size_t, size_t> TakeBelow(int64_t limit) {
    const auto at = [this](size_t place) {
      return batch_->selection.begin() + static_cast<std::ptrdiff_t>(place);
    };
    const auto below = [&](uint32_t row) { return Key(batch_->block->times[row]) < limit; };
    if (direction_ == Direction::kForward) {
      const auto cut = std::partition_point(at(begin_), at(end_), below);
      return {std::exchange(begin_, static_cast<size_t>(cut - at(0))), begin_};
    }
    const auto cut = std::partition_point(at(begin_), at(end_), std::not_fn(below));
    return {static_cast<size_t>(cut - at(0)),
            std::exchange(end_, static_cast<size_t>(cut - at(0)))};
  }

  std::pair<size_t, size_t> TakeAll() { return {std::exchange(begin_, end_), end_}; }

  std::unique_ptr<LogBatch>& batch() { return batch_; }

 private:
  int64_t Key(int64_t time) const { return direction_ == Direction::kForward ? time : ~time; }
  int64_t KeyAt(size_t place) const { return Key(batch_->block->times[batch_->selection[place]]); }

  std::unique_ptr<LogBatch> batch_;
  Direction direction_;
  size_t begin_ = 0;
  size_t end_;
};

// The rows as a batch of their own, which can be read whole if all of their blocks can.
std::unique_ptr<LogBatch> Gathered(std::shared_ptr<const Labels> stream,
                                   std::shared_ptr<std::deque<SourceBlock>> sources,
                                   std::vector<SourcedRow> rows) {
  std::vector<RowRef> refs;
  refs.reserve(rows.size());
  for (const SourcedRow& row : rows) refs.push_back(row.ref());
  auto batch = std::make_unique<LogBatch>();
  batch->stream = std::move(stream);
  batch->block = std::make_shared<const EntryBlock>(GatherRows(refs));
  batch->selection.resize(refs.size());
  std::iota(batch->selection.begin(), batch->selection.end(), 0);
  const bool can_be_whole =
      std::all_of(sources->begin(), sources->end(),
                  [](const SourceBlock& source) { return source.can_be_whole(); });
  if (IsComplete(*batch->block) || !can_be_whole) return batch;
  batch->read_whole = [sources = std::move(sources),
                       rows = std::move(rows)]() -> Result<std::shared_ptr<const EntryBlock>> {
    for (SourceBlock& source : *sources) {
      SKALD_RETURN_IF_ERROR(source.ReadWhole());
      if (source.unreadable) return std::shared_ptr<const EntryBlock>();
    }
    std::vector<RowRef> whole;
    whole.reserve(rows.size());
    for (const SourcedRow& row : rows) whole.push_back(row.fullest());
    return std::make_shared<const EntryBlock>(GatherRows(whole));
  };
  return batch;
}

}  // namespace

// An open source and what was read from it but not handed out yet.
struct MergedSource::Input {
  Key FirstKey() const { return pending.front().FirstKey(); }
  Key LastKey() const { return pending.back().LastKey(); }

  size_t index = 0;  // In order of opening; breaks ties.
  std::unique_ptr<BatchSource> source;
  bool exhausted = false;
  std::deque<PendingBatch> pending;  // None of them empty.
};

MergedSource::MergedSource(StreamScans scans, Direction direction, ScanStats& stats)
    : direction_(direction), stats_(stats), waiting_(std::move(scans)) {
  std::stable_sort(waiting_.begin(), waiting_.end(), [this](const auto& a, const auto& b) {
    return FirstBound(*a) > FirstBound(*b);
  });
}

MergedSource::~MergedSource() {
  inputs_.clear();  // Before the scans that their sources came from.
}

Result<std::unique_ptr<LogBatch>> MergedSource::Next() {
  for (;;) {
    SKALD_RETURN_IF_ERROR(Prepare());
    if (inputs_.empty()) return std::unique_ptr<LogBatch>();
    Input* first = nullptr;
    Key second_key = NextBound();  // Where anyone but `first` may have a row.
    for (const auto& input : inputs_) {
      if (first == nullptr || input->FirstKey() < first->FirstKey()) {
        if (first != nullptr) second_key = std::min(second_key, first->FirstKey());
        first = input.get();
      } else {
        second_key = std::min(second_key, input->FirstKey());
      }
    }
    if (second_key == kNoKey || first->FirstKey() < second_key) {
      return PassThrough(*first, second_key);
    }
    const Key limit = SafeLimit();
    if (limit == kNoKey || first->FirstKey() < limit) {
      return MergeBelow(std::min(limit, OverlapEnd()));
    }
    SKALD_RETURN_IF_ERROR(ExtendPast(limit));
  }
}

MergedSource::Key MergedSource::NextBound() const {
  return waiting_.empty() ? kNoKey : FirstBound(*waiting_.back());
}

Status MergedSource::Pull(Input& input) {
  while (!input.exhausted) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LogBatch> batch, input.source->Next());
    if (batch == nullptr) {
      input.exhausted = true;
    } else if (!batch->selection.empty()) {
      input.pending.emplace_back(std::move(batch), direction_);
      break;
    }
  }
  return {};
}

// Leaves each input with something pending, and no scan waiting that could come first.
Status MergedSource::Prepare() {
  Key first_key = kNoKey;
  for (const auto& input : inputs_) {
    if (input->pending.empty()) SKALD_RETURN_IF_ERROR(Pull(*input));
    if (!input->pending.empty()) first_key = std::min(first_key, input->FirstKey());
  }
  std::erase_if(inputs_, [](const auto& input) { return input->pending.empty(); });
  while (!waiting_.empty() && (inputs_.empty() || NextBound() <= first_key)) {
    auto input = std::make_unique<Input>();
    input->index = opened_.size();
    opened_.push_back(std::move(waiting_.back()));
    waiting_.pop_back();
    input->source = opened_.back()->Open();
    SKALD_RETURN_IF_ERROR(Pull(*input));
    if (input->pending.empty()) continue;
    first_key = std::min(first_key, input->FirstKey());
    inputs_.push_back(std::move(input));
  }
  return {};
}

// The key below which all rows of all inputs have been read; kNoKey when everything has.
MergedSource::Key MergedSource::SafeLimit() const {
  Key limit = NextBound();
  for (const auto& input : inputs_) {
    if (!input->exhausted) limit = std::min(limit, input->LastKey());
  }
  return limit;
}

// The key from which on at most one input has anything pending, to be passed through later.
MergedSource::Key MergedSource::OverlapEnd() const {
  Key last = std::numeric_limits<Key>::min();
  Key second_last = last;
  for (const auto& input : inputs_) {
    second_last = std::max(second_last, std::min(last, input->LastKey()));
    last = std::max(last, input->LastKey());
  }
  return second_last == kNoKey ? kNoKey : second_last + 1;
}

// Reads on in the inputs that may have more rows of `key`.
Status MergedSource::ExtendPast(Key key) {
  for (const auto& input : inputs_) {
    if (!input->exhausted && input->LastKey() == key) SKALD_RETURN_IF_ERROR(Pull(*input));
  }
  return {};
}

// The first batch of `input`, cut at `limit`. Requires: no other input has rows below `limit`.
std::unique_ptr<LogBatch> MergedSource::PassThrough(Input& input, Key limit) {
  PendingBatch& pending = input.pending.front();
  const auto [begin, end] = limit == kNoKey ? pending.TakeAll() : pending.TakeBelow(limit);
  std::unique_ptr<LogBatch> batch;
  if (pending.empty()) {
    batch = std::move(pending.batch());
    input.pending.pop_front();
    batch->selection.erase(batch->selection.begin() + static_cast<std::ptrdiff_t>(end),
                           batch->selection.end());
    batch->selection.erase(batch->selection.begin(),
                           batch->selection.begin() + static_cast<std::ptrdiff_t>(begin));
    return batch;
  }
  const std::vector<uint32_t>& selection = pending.batch()->selection;
  batch = std::make_unique<LogBatch>(LogBatch{.stream = pending.batch()->stream,
                                              .block = pending.batch()->block,
                                              .selection = {},
                                              .read_whole = pending.batch()->read_whole});
  batch->selection.assign(selection.begin() + static_cast<std::ptrdiff_t>(begin),
                          selection.begin() + static_cast<std::ptrdiff_t>(end));
  return batch;
}

// All rows below `limit`, which all inputs must have read up to, as one new batch.
Result<std::unique_ptr<LogBatch>> MergedSource::MergeBelow(Key limit) {
  auto sources = std::make_shared<std::deque<SourceBlock>>();  // Stay where they are.
  std::vector<SourcedRow> rows;
  std::shared_ptr<const Labels> stream;
  for (const auto& input : inputs_) {
    while (!input->pending.empty()) {
      PendingBatch& pending = input->pending.front();
      const auto [begin, end] = limit == kNoKey ? pending.TakeAll() : pending.TakeBelow(limit);
      const LogBatch& batch = *pending.batch();
      sources->push_back({.block = batch.block, .read_whole = batch.read_whole});
      for (size_t place = begin; place < end; ++place) {
        rows.push_back({&sources->back(), batch.selection[place], input->index});
      }
      stream = batch.stream;
      if (!pending.empty()) break;
      input->pending.pop_front();
    }
  }
  // Each input's rows of one time are together then, in the order of its batches or not.
  std::stable_sort(rows.begin(), rows.end(), [](const SourcedRow& a, const SourcedRow& b) {
    return std::tuple(a.time(), a.input, a.seq()) < std::tuple(b.time(), b.input, b.seq());
  });
  std::vector<SourcedRow> kept;
  RunMerger merger;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin + 1;
    while (end < rows.size() && rows[end].time() == rows[begin].time()) ++end;
    SKALD_ASSIGN_OR_RETURN(const std::span<const SourcedRow> run,
                           ReadToCompare(std::span(rows).subspan(begin, end - begin)));
    stats_.duplicates += merger.Merge(run, kept);
    begin = end;
  }
  return Gathered(std::move(stream), std::move(sources), std::move(kept));
}

}  // namespace skald::model
