#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chunkstore/format/block_pruner.h"
#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/value_filter.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/sentences.h"
#include "chunkstore/test_entries.h"
#include "common/quote.h"
#include "logql/parser.h"
#include "logql/plan/scan_plan.h"
#include "support/case_count.h"

// What queries are planned to require of entries, asked of filters of blocks and packs that have
// such an entry: never is the answer that they cannot. SKALD_TEST_PERCENT=20000 makes ten million
// cases of it.

namespace skald::differential {
namespace {

using chunkstore::SealedBlock;
using test::EntryGenerator;
using test::TestEntry;

constexpr std::string_view kAbsent = "zqxv_jwqz";  // Of whose grams no entry has one.

bool BeginsCharacter(const std::string& text, size_t at) {
  return at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80;
}

// Draws queries that a line's entry passes, or with `absent` one that no entry does.
class QueryGenerator {
 public:
  explicit QueryGenerator(EntryGenerator& generate) : generate_(generate) {}

  static constexpr std::array<std::string_view, 8> kKinds = {
      "contains",           "or",      "folded",  "two parts", "alternation",
      "folded alternation", "pattern", "metadata"};

  std::string Draw(std::string_view kind, const TestEntry& entry, bool absent) {
    const auto [one, other] = Parts(entry.line);
    const std::string first = absent ? std::string(kAbsent) : one;
    if (kind == "contains") return "|= " + GoQuote(first);
    if (kind == "or") return "|= " + GoQuote(Odd()) + " or " + GoQuote(first);
    if (kind == "folded") return "|~ " + GoQuote("(?i)" + Escape(OtherCase(first)));
    if (kind == "two parts") return "|~ " + GoQuote(Escape(first) + ".*" + Escape(other));
    if (kind == "alternation") return "|~ " + GoQuote(Escape(Odd()) + "|" + Escape(first) + ".?");
    if (kind == "folded alternation") {
      return "|~ " + GoQuote("(?i)(" + Escape(OtherCase(first)) + "|" + Escape(Odd()) + ")");
    }
    if (kind == "pattern") return "|> " + GoQuote("<_>" + first + "<_>" + other + "<_>");
    const std::string value =
        absent ? "4bf92f3577b34da6a3ce929d0e0e4736" : entry.metadata.back().second;
    return generate_.Below(2) == 0 ? "| trace_id=" + GoQuote(value)
                                   : "| trace_id=~" + GoQuote(value + "|" + Odd());
  }

 private:
  // What no line has, and what the filters know that no line has.
  static std::string Odd() { return std::string(kAbsent) + "_odd"; }

  // Two parts of a line, one behind the other and something around each.
  std::pair<std::string, std::string> Parts(const std::string& line) {
    std::array<size_t, 4> cuts;
    do {
      for (size_t& cut : cuts) {
        do cut = 1 + generate_.Below(line.size() - 1);
        while (!BeginsCharacter(line, cut));
      }
      std::ranges::sort(cuts);
    } while (cuts[0] == cuts[1] || cuts[1] == cuts[2] || cuts[2] == cuts[3]);
    return {line.substr(cuts[0], cuts[1] - cuts[0]), line.substr(cuts[2], cuts[3] - cuts[2])};
  }

  std::string OtherCase(std::string text) {
    for (char& c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80 && generate_.Below(2) == 0) {
        c = static_cast<char>(std::isupper(byte) != 0 ? std::tolower(byte) : std::toupper(byte));
      }
    }
    return text;
  }

  static std::string Escape(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  }

  EntryGenerator& generate_;
};

// A block of some entries, each with a trace_id, and the pack that has it alone.
class StoredEntries {
 public:
  StoredEntries(EntryGenerator& generate, const model::Labels& stream)
      : stream_(stream), entries_(generate.Entries(30 + generate.Below(80))) {
    for (TestEntry& entry : entries_) {
      const uint64_t kind = generate.Below(3);
      if (kind == 0) entry.line = "n=" + test::Sentence(generate);  // Of six characters at least.
      if (kind == 1) entry.line += test::Sentence(generate);
      // Long enough that the block's filter answers for it.
      entry.metadata = {{"trace_id", generate.Hex(80 + generate.Below(24))}};
    }
    block_ = test::SealOne(test::MakeBlock(entries_), Codec::kZstd);
    const auto* column = block_.header.FindColumn(chunkstore::ColumnKind::kMetadata, "trace_id");
    EXPECT_TRUE(column != nullptr && chunkstore::IsInValueFilter(*column));
    chunkstore::PackFilterBuilder builder;
    builder.Add(block_, chunkstore::StreamGroupOf(stream_));
    pack_ = std::make_unique<test::FilterOfPack>(builder.Finish(1 << 20));
  }

  const std::vector<TestEntry>& entries() const { return entries_; }

  bool BlockMayMatch(const chunkstore::BlockPruner& pruner) const {
    if (!pruner.MayMatch(stream_, block_.header)) return false;
    return !pruner.AsksFilter(stream_, block_.header) ||
           pruner.MayMatch(stream_, block_.header,
                           *chunkstore::FindFilters(block_.header, block_.filters));
  }
  bool PackMayMatch(const chunkstore::BlockPruner& pruner) const {
    return pruner.MayMatch(stream_, pack_->Judge(pruner));
  }

 private:
  const model::Labels stream_;
  std::vector<TestEntry> entries_;
  SealedBlock block_;
  std::unique_ptr<test::FilterOfPack> pack_;
};

chunkstore::BlockPruner PrunerOf(const std::string& stages) {
  const auto expr = logql::Parse("{app=\"x\"} " + stages);
  EXPECT_TRUE(expr.ok()) << stages << ": " << expr.status().message();
  const auto& log = std::get<logql::LogExpr>((*expr)->node);
  return chunkstore::BlockPruner(logql::PlanEntries(log).Request(log.matchers));
}

// How often filters had to know that nothing is there, and did.
struct Denied {
  int asked = 0;
  int by_block = 0;
  int by_pack = 0;
};

TEST(FilterPropertyTest, NeverDeniesWhatAQueryWantsOfABlockOrItsPack) {
  constexpr uint64_t kSeed = 20261129;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  EntryGenerator generate(kSeed);
  QueryGenerator queries(generate);
  const model::Labels stream{{"app", "x"}};
  std::map<std::string_view, Denied> denied;
  const int cases = test::CaseCount(50'000);
  int checked = 0;
  while (checked < cases) {
    const StoredEntries stored(generate, stream);
    for (const std::string_view kind : QueryGenerator::kKinds) {
      const auto absent = PrunerOf(queries.Draw(kind, stored.entries().front(), /*absent=*/true));
      ++denied[kind].asked;
      denied[kind].by_block += stored.BlockMayMatch(absent) ? 0 : 1;
      denied[kind].by_pack += stored.PackMayMatch(absent) ? 0 : 1;
    }
    for (const TestEntry& entry : stored.entries()) {
      for (const std::string_view kind : QueryGenerator::kKinds) {
        const std::string query = queries.Draw(kind, entry, /*absent=*/false);
        const auto pruner = PrunerOf(query);
        ASSERT_TRUE(stored.BlockMayMatch(pruner) && stored.PackMayMatch(pruner))
            << query << "\nof " << entry.line;
        ++checked;
      }
    }
  }
  for (const auto& [kind, count] : denied) {
    SCOPED_TRACE(kind);
    // Of two parts only one may be required, and that may be the one that is there.
    EXPECT_GT(count.by_pack, count.asked / 4);
    EXPECT_GT(count.by_block, count.asked / 4);
  }
}

}  // namespace
}  // namespace skald::differential
