#include "patterns/shown_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace skald::patterns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Takes out the rows of a stream with app="a" that `is_gone` names, all of them if it is empty.
class Filters final : public model::EntryFilters {
 public:
  using IsGone = std::function<bool(const model::EntryBlock& block, uint32_t row)>;
  explicit Filters(IsGone is_gone) : is_gone_(std::move(is_gone)) {}

  std::unique_ptr<model::EntryFilter> For(const model::Labels& stream, int64_t first_ns,
                                          int64_t last_ns) const override {
    first_ns_ = first_ns;
    last_ns_ = last_ns;
    return stream.Get("app") == "a" ? std::make_unique<Filter>(is_gone_) : nullptr;
  }
  mutable int64_t first_ns_ = 0;  // That it was asked for.
  mutable int64_t last_ns_ = 0;

 private:
  class Filter final : public model::EntryFilter {
   public:
    explicit Filter(IsGone is_gone) : is_gone_(std::move(is_gone)) {}
    Status Apply(model::LogBatch& batch) override {
      if (!is_gone_) return Internal("needs to be asked for all");
      std::erase_if(batch.selection, [&](uint32_t row) { return is_gone_(*batch.block, row); });
      return {};
    }
    bool TakesAll() const override { return !is_gone_; }

   private:
    const IsGone is_gone_;
  };

  const IsGone is_gone_;
};

class ShownEntriesTest : public testing::Test {
 protected:
  ShownEntriesTest() {
    batch_.metadata = {{"trace", "1"}, {"trace", "2"}};
    batch_.entries = {{.time_ns = 30, .line = "c", .metadata_begin = 0, .metadata_count = 1},
                      {.time_ns = 10, .line = "a"},
                      {.time_ns = 20, .line = "b", .metadata_begin = 1, .metadata_count = 1}};
  }

  std::vector<std::string> Shown(const model::EntryFilters* filters, const std::string& app) {
    const model::PushStream stream{
        .labels = std::make_shared<const model::Labels>(model::Labels{{"app", app}})};
    std::vector<model::PushEntry> kept;
    std::vector<std::string> lines;
    for (const model::PushEntry& entry :
         ShownEntries(filters, batch_, stream, batch_.entries, kept)) {
      lines.emplace_back(entry.line);
    }
    return lines;
  }

  model::PushBatch batch_;
};

TEST_F(ShownEntriesTest, AreAllWhereNothingIsHidden) {
  EXPECT_THAT(Shown(nullptr, "a"), ElementsAre("c", "a", "b"));
  const Filters filters([](const auto&, uint32_t) { return true; });
  EXPECT_THAT(Shown(&filters, "b"), ElementsAre("c", "a", "b"));
  EXPECT_EQ(filters.first_ns_, 10);
  EXPECT_EQ(filters.last_ns_, 30);
}

TEST_F(ShownEntriesTest, AreThoseThatAFilterLeaves) {
  const Filters by_line(
      [](const model::EntryBlock& block, uint32_t row) { return block.lines[row] == "a"; });
  EXPECT_THAT(Shown(&by_line, "a"), ElementsAre("b", "c"));
  const Filters by_metadata([](const model::EntryBlock& block, uint32_t row) {
    const model::MetadataColumn* trace = block.FindMetadata("trace");
    return trace->Has(row) && (*trace)[row] == "2";
  });
  EXPECT_THAT(Shown(&by_metadata, "a"), ElementsAre("a", "c"));
}

TEST_F(ShownEntriesTest, AreNoneWhereAFilterTakesAll) {
  const Filters all(nullptr);
  EXPECT_THAT(Shown(&all, "a"), IsEmpty());
}

TEST_F(ShownEntriesTest, AreNoneThatAFilterCannotJudge) {
  struct Failing final : model::EntryFilters {
    struct Filter final : model::EntryFilter {
      Status Apply(model::LogBatch&) override { return Internal("cannot tell"); }
    };
    std::unique_ptr<model::EntryFilter> For(const model::Labels&, int64_t, int64_t) const override {
      return std::make_unique<Filter>();
    }
  };
  const Failing failing;
  EXPECT_THAT(Shown(&failing, "a"), IsEmpty());
}

}  // namespace
}  // namespace skald::patterns
