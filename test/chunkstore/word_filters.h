#pragma once

#include <memory>
#include <string>
#include <utility>

#include "model/entry_filter.h"

namespace skald::test {

// Takes entries of one app out: those with a word in their line, or all of a time.
class WordFilters final : public model::EntryFilters {
 public:
  WordFilters(std::string app, std::string word, model::TimeRange range)
      : app_(std::move(app)), word_(std::move(word)), range_(range) {}

  std::unique_ptr<model::EntryFilter> For(const model::Labels& stream, int64_t first_ns,
                                          int64_t last_ns) const override {
    if (stream.Get("app") != app_ || !range_.Touches(first_ns, last_ns)) return nullptr;
    const bool all = word_.empty() && range_.start <= first_ns && last_ns < range_.end;
    return std::make_unique<Filter>(*this, all);
  }

 private:
  class Filter final : public model::EntryFilter {
   public:
    Filter(const WordFilters& filters, bool all) : filters_(filters), all_(all) {}
    Status Apply(model::LogBatch& batch) override {
      std::erase_if(batch.selection, [&](uint32_t row) {
        const int64_t time = batch.block->times[row];
        const bool in_time = filters_.range_.start <= time && time < filters_.range_.end;
        return in_time && (filters_.word_.empty() ||
                           batch.block->lines[row].find(filters_.word_) != std::string_view::npos);
      });
      return {};
    }
    bool TakesAll() const override { return all_; }

   private:
    const WordFilters& filters_;
    const bool all_;
  };

  const std::string app_;
  const std::string word_;
  const model::TimeRange range_;
};

}  // namespace skald::test
