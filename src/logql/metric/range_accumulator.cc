#include "logql/metric/range_accumulator.h"

#include <algorithm>
#include <type_traits>

#include "logql/metric/cell_pages.h"
#include "logql/metric/range_results.h"
#include "logql/metric/sliding_fold.h"

namespace skald::logql {
namespace {

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
    if constexpr (kKeepsSamples) from.kept_bytes_ = 0;
    for (size_t s = 0; s < series_map.size(); ++s) {
      from.pages_.ForEach(
          s, [&](size_t cell, Cell& c) { pages_.At(series_map[s], cell).Merge(std::move(c)); });
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
