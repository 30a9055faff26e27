#include "logql/metric/range_accumulator.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "logql/metric/distinct_cell.h"
#include "logql/metric/range_cells.h"

namespace skald::logql {
namespace {

// The cells of all series, in pages that come into being where there are samples.
template <typename Cell>
class CellPages {
 public:
  // There are no cells where the range has no length.
  explicit CellPages(size_t cells)
      : page_cells_(std::clamp<size_t>(cells, 1, 64)),
        pages_per_series_((cells + page_cells_ - 1) / page_cells_) {}

  Cell& At(size_t series, size_t cell) {
    const size_t at = series * pages_per_series_ + cell / page_cells_;
    if (at >= index_.size()) {
      index_.resize(std::max(at + 1, index_.size() * 2), 0);
    }
    uint32_t& page = index_[at];
    if (page == 0) {
      pages_.push_back(std::make_unique<Cell[]>(page_cells_));
      page = static_cast<uint32_t>(pages_.size());
    }
    return pages_[page - 1][cell % page_cells_];
  }

  // Null if the page was never written.
  const Cell* Find(size_t series, size_t cell) const {
    const size_t at = series * pages_per_series_ + cell / page_cells_;
    if (at >= index_.size() || index_[at] == 0) {
      return nullptr;
    }
    return &pages_[index_[at] - 1][cell % page_cells_];
  }

  // Calls f(cell, Cell&) for every cell of `series` that holds something.
  template <typename F>
  void ForEach(size_t series, F&& f) {
    for (size_t p = 0; p < pages_per_series_; ++p) {
      const size_t at = series * pages_per_series_ + p;
      if (at >= index_.size() || index_[at] == 0) {
        continue;
      }
      Cell* page = pages_[index_[at] - 1].get();
      for (size_t c = 0; c < page_cells_; ++c) {
        if (!page[c].empty()) {
          f(p * page_cells_ + c, page[c]);
        }
      }
    }
  }

  size_t MemoryBytes() const {
    return index_.size() * sizeof(uint32_t) + pages_.size() * page_cells_ * sizeof(Cell);
  }

 private:
  const size_t page_cells_;
  const size_t pages_per_series_;
  std::vector<uint32_t> index_;  // Page number + 1 by series and place; 0: none.
  std::vector<std::unique_ptr<Cell[]>> pages_;
};

// Folds a window that moves forward over cells, both ends at any pace, with a constant number of
// merges per cell and without ever taking anything out of a fold: the older cells of the window
// are held as folds from each of them to the newest of the old ones, the newer as one fold.
template <typename Cell>
class SlidingFold {
 public:
  void Push(size_t index, const Cell& cell) {
    newer_.emplace_back(index, cell);
    newer_fold_.Merge(cell);
  }

  void DropBefore(size_t index) {
    while (!older_.empty() && older_.back().first < index) {
      older_.pop_back();
    }
    if (!older_.empty()) {
      return;
    }
    Cell fold;
    while (!newer_.empty() && newer_.back().first >= index) {
      Cell longer = std::move(newer_.back().second);
      longer.Merge(fold);
      fold = std::move(longer);
      older_.emplace_back(newer_.back().first, fold);
      newer_.pop_back();
    }
    newer_.clear();
    newer_fold_ = Cell();
  }

  Cell Fold() const {
    Cell fold = older_.empty() ? Cell() : older_.back().second;
    fold.Merge(newer_fold_);
    return fold;
  }

 private:
  std::vector<std::pair<size_t, Cell>> older_;  // The oldest is last.
  std::vector<std::pair<size_t, Cell>> newer_;
  Cell newer_fold_;
};

// Results of a window's fold. `Cell` is what they need of the samples.
template <typename CellType, double (*kResult)(const CellType&)>
struct FoldResult {
  using Cell = CellType;
  double divisor = 1;
  double operator()(Cell& fold, int64_t) const { return kResult(fold) / divisor; }
};

double CountOf(const CountCell& c) { return c.count; }
double SumOf(const SumCell& c) { return c.Sum(); }
double MeanOf(const SumCell& c) { return c.Sum() / c.count; }
double VarianceOf(const MomentCell& c) { return c.Variance(); }
double DeviationOf(const MomentCell& c) { return std::sqrt(c.Variance()); }
using MinCell = ExtremeCell<std::less<>>;
using MaxCell = ExtremeCell<std::greater<>>;
using FirstCell = EdgeCell<Edge::kFirst>;
using LastCell = EdgeCell<Edge::kLast>;
double MinOf(const MinCell& c) { return c.value; }
double MaxOf(const MaxCell& c) { return c.value; }
double FirstOf(const FirstCell& c) { return c.value; }
double LastOf(const LastCell& c) { return c.value; }
double DistinctOf(const DistinctCell& c) { return c.Count(); }

struct QuantileResult {
  using Cell = ValuesCell;
  double quantile = 0;

  // Linear between the two values next to rank quantile * (n - 1).
  double operator()(Cell& fold, int64_t) const {
    if (std::isnan(quantile)) {
      return quantile;
    }
    if (quantile < 0 || quantile > 1) {
      const double infinity = std::numeric_limits<double>::infinity();
      return quantile < 0 ? -infinity : infinity;
    }
    std::vector<double>& values = fold.values;
    const double rank = quantile * static_cast<double>(values.size() - 1);
    const auto lower = values.begin() + static_cast<std::ptrdiff_t>(rank);
    const auto less = [](double a, double b) { return a < b || (std::isnan(a) && !std::isnan(b)); };
    std::nth_element(values.begin(), lower, values.end(), less);
    const double weight = rank - std::floor(rank);
    if (lower + 1 == values.end()) {
      return *lower;
    }
    const double upper = *std::min_element(lower + 1, values.end(), less);
    return *lower * (1 - weight) + upper * weight;
  }
};

// The rate of a counter as Prometheus has it: increases over resets, extrapolated to the ends of
// the window where samples come close to them, but not below zero.
struct CounterRateResult {
  using Cell = SamplesCell;
  int64_t range_ns = 0;

  double operator()(Cell& fold, int64_t window_end) const {
    std::vector<TimedValue>& samples = fold.values;
    if (samples.size() < 2) {
      return 0;
    }
    std::sort(samples.begin(), samples.end());
    double increase = samples.back().value - samples.front().value;
    for (size_t i = 1; i < samples.size(); ++i) {
      if (samples[i].value < samples[i - 1].value) {
        increase += samples[i - 1].value;
      }
    }
    return increase * Stretch(samples, increase, window_end) / static_cast<double>(range_ns) * 1e9;
  }

 private:
  // By how much the samples' span grows.
  double Stretch(const std::vector<TimedValue>& samples, double increase,
                 int64_t window_end) const {
    const auto span = static_cast<double>(samples.back().time - samples.front().time);
    const double average = span / static_cast<double>(samples.size() - 1);
    auto to_start = static_cast<double>(samples.front().time - (window_end - range_ns));
    if (increase > 0 && samples.front().value >= 0) {
      to_start = std::min(to_start, span * (samples.front().value / increase));
    }
    const auto to_end = static_cast<double>(window_end - samples.back().time);
    const double threshold = average * 1.1;
    return (span + (to_start < threshold ? to_start : average / 2) +
            (to_end < threshold ? to_end : average / 2)) /
           span;
  }
};

template <typename Result>
class CellAccumulator final : public RangeAccumulator {
 public:
  using Cell = typename Result::Cell;

  CellAccumulator(Result result, const TimeCells& cells)
      : result_(result), cells_(cells), pages_(cells.count()) {}

  void Add(const SampleBatch& samples) override {
    kept_bytes_ += kKeepsSamples ? samples.times.size() * sizeof(TimedValue) : 0;
    size_t cell = 0;
    for (size_t k = 0; k < samples.times.size(); ++k) {
      const size_t found = cells_.Find(samples.times[k], cell);
      if (found == TimeCells::kNone) {
        continue;
      }
      cell = found;
      Cell& target = pages_.At(samples.series[k], cell);
      if constexpr (kKeepsValues) {
        kept_bytes_ -= target.MemoryBytes();
        target.Add(samples.hashes[k]);
        kept_bytes_ += target.MemoryBytes();
      } else {
        AddSample(samples.times[k], samples.values.empty() ? 1 : samples.values[k], samples.stream,
                  target);
      }
    }
  }

  void AddRun(const SampleRun& samples) override {
    kept_bytes_ += kKeepsSamples ? samples.times.size() * sizeof(TimedValue) : 0;
    size_t cell = 0;
    for (size_t begin = 0; begin < samples.times.size();) {
      const size_t found = cells_.Find(samples.times[begin], cell);
      if (found == TimeCells::kNone) {
        ++begin;
        continue;
      }
      cell = found;
      const auto end = static_cast<size_t>(
          std::upper_bound(samples.times.begin() + static_cast<std::ptrdiff_t>(begin),
                           samples.times.end(), cells_.CellEnd(cell)) -
          samples.times.begin());
      if constexpr (kKeepsValues) {
        SKALD_DCHECK(false);  // What tells values apart comes in batches alone.
      } else {
        AddToCell(samples, begin, end, pages_.At(samples.series, cell));
      }
      begin = end;
    }
  }

  void Merge(RangeAccumulator& other, std::span<const uint32_t> series_map) override {
    auto& from = static_cast<CellAccumulator&>(other);
    kept_bytes_ += from.kept_bytes_;
    for (size_t s = 0; s < series_map.size(); ++s) {
      from.pages_.ForEach(s,
                          [&](size_t cell, Cell& c) { pages_.At(series_map[s], cell).Merge(c); });
    }
  }

  void Finish(size_t series, double* values, uint8_t* present) const override {
    if constexpr (kKeepsSamples) {
      FinishByWindow(series, values, present);
    } else {
      FinishSliding(series, values, present);
    }
  }

  size_t MemoryBytes() const override { return pages_.MemoryBytes() + kept_bytes_; }

 private:
  static constexpr bool kKeepsSamples =
      std::is_same_v<Cell, ValuesCell> || std::is_same_v<Cell, SamplesCell>;
  static constexpr bool kKeepsValues = std::is_same_v<Cell, DistinctCell>;

  static void AddSample(int64_t time, double value, uint64_t stream, Cell& cell) {
    if constexpr (requires { cell.Add(time, value, stream); }) {
      cell.Add(time, value, stream);
    } else {
      cell.Add(time, value);
    }
  }

  // Adds the samples from `begin` to before `end`, which all belong to `cell`.
  static void AddToCell(const SampleRun& samples, size_t begin, size_t end, Cell& cell) {
    if constexpr (requires { cell.AddTotal(0, 0); }) {
      if (samples.values.empty()) {
        // Of lines without the byte between them, where there are lines.
        const std::span<const uint32_t> offsets = samples.line_offsets;
        const size_t count = end - begin;
        const size_t sum = offsets.empty() ? count : offsets[end] - offsets[begin] - count;
        cell.AddTotal(static_cast<double>(sum), static_cast<double>(count));
        return;
      }
    }
    for (size_t k = begin; k < end; ++k) {
      AddSample(samples.times[k], ValueAt(samples, k), samples.stream, cell);
    }
  }

  static double ValueAt(const SampleRun& samples, size_t k) {
    if (!samples.values.empty()) {
      return samples.values[k];
    }
    const std::span<const uint32_t> offsets = samples.line_offsets;
    return offsets.empty() ? 1 : offsets[k + 1] - offsets[k] - 1;
  }

  void FinishSliding(size_t series, double* values, uint8_t* present) const {
    SlidingFold<Cell> window;
    size_t pushed = 0;
    for (size_t k = 0; k < cells_.steps(); ++k) {
      pushed = std::max(pushed, cells_.FirstCell(k));
      for (; pushed < cells_.EndCell(k); ++pushed) {
        const Cell* cell = pages_.Find(series, pushed);
        if (cell != nullptr && !cell->empty()) {
          window.Push(pushed, *cell);
        }
      }
      window.DropBefore(cells_.FirstCell(k));
      Cell fold = window.Fold();
      present[k] = fold.empty() ? 0 : 1;
      values[k] = fold.empty() ? 0 : result_(fold, cells_.WindowEnd(k));
    }
  }

  // Where a fold is all the samples, holding folds of parts would multiply them.
  void FinishByWindow(size_t series, double* values, uint8_t* present) const {
    Cell fold;
    for (size_t k = 0; k < cells_.steps(); ++k) {
      fold.values.clear();
      for (size_t c = cells_.FirstCell(k); c < cells_.EndCell(k); ++c) {
        if (const Cell* cell = pages_.Find(series, c)) {
          fold.Merge(*cell);
        }
      }
      present[k] = fold.empty() ? 0 : 1;
      values[k] = fold.empty() ? 0 : result_(fold, cells_.WindowEnd(k));
    }
  }

  const Result result_;
  const TimeCells& cells_;
  CellPages<Cell> pages_;
  size_t kept_bytes_ = 0;  // Outside of the pages.
};

template <typename Result>
std::unique_ptr<RangeAccumulator> Own(Result result, const TimeCells& cells) {
  return std::make_unique<CellAccumulator<Result>>(result, cells);
}

}  // namespace

std::unique_ptr<RangeAccumulator> RangeAccumulator::Make(const RangeFunction& function,
                                                         const TimeCells& cells) {
  using Count = FoldResult<CountCell, CountOf>;
  using Sum = FoldResult<SumCell, SumOf>;
  const double seconds = static_cast<double>(function.range_ns) / 1e9;
  switch (function.op) {
    case RangeOp::kCount:
    case RangeOp::kAbsent:
      return Own(Count{}, cells);
    case RangeOp::kRate:
      return function.unwrapped ? Own(Sum{seconds}, cells) : Own(Count{seconds}, cells);
    case RangeOp::kRateCounter:
      return Own(CounterRateResult{function.range_ns}, cells);
    case RangeOp::kBytes:
    case RangeOp::kSum:
      return Own(Sum{}, cells);
    case RangeOp::kBytesRate:
      return Own(Sum{seconds}, cells);
    case RangeOp::kAvg:
      return Own(FoldResult<SumCell, MeanOf>{}, cells);
    case RangeOp::kMin:
      return Own(FoldResult<MinCell, MinOf>{}, cells);
    case RangeOp::kMax:
      return Own(FoldResult<MaxCell, MaxOf>{}, cells);
    case RangeOp::kStdvar:
      return Own(FoldResult<MomentCell, VarianceOf>{}, cells);
    case RangeOp::kStddev:
      return Own(FoldResult<MomentCell, DeviationOf>{}, cells);
    case RangeOp::kQuantile:
      return Own(QuantileResult{function.parameter}, cells);
    case RangeOp::kFirst:
      return Own(FoldResult<FirstCell, FirstOf>{}, cells);
    case RangeOp::kLast:
      return Own(FoldResult<LastCell, LastOf>{}, cells);
    case RangeOp::kCountDistinct:
      return Own(FoldResult<DistinctCell, DistinctOf>{}, cells);
  }
  return nullptr;
}

}  // namespace skald::logql
