#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/quote.h"
#include "differential/backends.h"
#include "differential/data_generator.h"
#include "differential/oracle.h"
#include "differential/query_generator.h"
#include "differential/shrink.h"
#include "logql/engine.h"
#include "logql/parser.h"

// The engine against the oracle on generated queries and data. SKALD_DIFF_CASES is the number of
// queries a test runs, SKALD_DIFF_SEED the first seed, SKALD_DIFF_FAILURES how many differences are
// shown before it gives up.

namespace skald::differential {
namespace {

constexpr uint64_t kQueriesOfData = 40;

// What is asked of what.
enum class Scope {
  kWholeGrammar,
  kSearches,  // Large data, and seven of eight queries have but a filter or two.
};

// What searches of a kind have come to.
struct Searched {
  uint64_t queries = 0;
  uint64_t found = 0;              // Of which something is the answer.
  uint64_t skipped_by_blocks = 0;  // By their filters, where packs have none.
  uint64_t skipped_by_packs = 0;
};

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string Describe(const Case& shown) {
  const logql::Query& query = shown.query.query;
  std::string text = shown.query.text + "\n  start " + std::to_string(query.start_ns) + " end " +
                     std::to_string(query.end_ns) + " step " + std::to_string(query.step_ns) +
                     (query.instant ? " instant" : "") + " limit " + std::to_string(query.limit) +
                     " interval " + std::to_string(query.interval_ns) +
                     (query.direction == model::Direction::kForward ? " forward" : " backward") +
                     (query.categorize_labels ? " categorized" : "");
  for (const Stream& stream : shown.data.streams) {
    text += "\n  " + ToString(stream.labels);
    for (const Entry& entry : stream.entries) {
      text += "\n    " + std::to_string(entry.time_ns) + " " + GoQuote(entry.line);
      if (!entry.metadata.empty()) text += " " + ToString(entry.metadata);
    }
  }
  return text;
}

// Runs cases on a backend.
class Comparison {
 public:
  Comparison(std::unique_ptr<Backend> backend, Scope scope)
      : backend_(std::move(backend)), scope_(scope) {}

  void Run(uint64_t first_seed, uint64_t cases) {
    for (uint64_t n = 0; n < cases && failures_ < max_failures_; ++n) {
      const uint64_t data_seed = first_seed + n / kQueriesOfData;
      if (n % kQueriesOfData == 0) {
        data_ = Generate(data_seed);
        Load(data_, data_seed);
      }
      Check({data_, Query(data_seed, n % kQueriesOfData)}, data_seed, n % kQueriesOfData);
    }
    std::cout << "seed " << first_seed << ": " << cases << " queries, " << empty_ << " empty, "
              << errors_ << " errors, " << ambiguous_ << " ambiguous, " << failures_
              << " differences\n";
    EXPECT_LT(empty_ + errors_ + ambiguous_, cases * 3 / 4 + 40) << "too few queries say anything";
  }

  const std::map<std::string_view, Searched>& searched() const { return searched_; }

 private:
  // Of large sets every other has packs with filters.
  static Amount AmountOf(uint64_t seed) {
    return seed % 2 == 0 ? Amount::kFiltersOfPacks : Amount::kFiltersOfBlocks;
  }
  DataSet Generate(uint64_t seed) const {
    return scope_ == Scope::kSearches ? GenerateLargeData(seed, AmountOf(seed))
                                      : GenerateData(seed);
  }
  GeneratedQuery Query(uint64_t data_seed, uint64_t number) const {
    const uint64_t seed = data_seed * 1'000'003 + number;
    if (scope_ == Scope::kSearches && number % 2 == 0) return GenerateSearch(seed, data_);
    if (scope_ == Scope::kSearches && number % 8 != 7) return GeneratePartSearch(seed, data_);
    return GenerateQuery(seed, data_);
  }
  void Load(const DataSet& data, uint64_t seed) {
    source_ = &backend_->Load(Tenant(++tenants_), data, seed);
  }
  static model::TenantId Tenant(uint64_t number) {
    return model::TenantId("t" + std::to_string(number));
  }

  // What is different, "" if nothing.
  std::string Differ(const Case& tried) {
    logql::Query query = tried.query.query;
    const auto expr = logql::Parse(tried.query.text);
    if (!expr.ok()) return "";
    query.expr = *expr;
    if (query.instant && logql::IsLogExpr(**expr)) return "";
    query.tenant = Tenant(tenants_);
    query.min_shard_bytes = 1;  // Where there are several threads, streams are cut in time.
    expected_ = Evaluate(query, tried.data);
    model::ScanContext context;
    logql::Engine engine(*source_, query.limit % 2 == 0 ? wide_ : narrow_);
    actual_ = ToAnswer(engine.Run(query, context));
    blocks_skipped_ = context.stats.blocks_skipped;
    packs_skipped_ = context.stats.packs_skipped;
    if (expected_.code == StatusCode::kInvalidArgument && actual_.code == StatusCode::kOk) {
      expected_ = Evaluate(query, tried.data, ParserErrors::kOverlook);
    }
    // Of two errors either may come first.
    if (expected_.code != StatusCode::kOk && actual_.code != StatusCode::kOk) return "";
    return Difference(expected_, actual_);
  }

  void Check(const Case& tried, uint64_t data_seed, uint64_t number) {
    if (const auto expr = logql::Parse(tried.query.text); !expr.ok()) {
      ADD_FAILURE() << tried.query.text << "\n" << expr.status().message();
      ++failures_;
      return;
    }
    const std::string difference = Differ(tried);
    if (!tried.query.search.empty()) {
      Searched& searched = searched_[tried.query.search];
      ++searched.queries;
      searched.found += expected_.code == StatusCode::kOk && !expected_.empty() ? 1 : 0;
      searched.skipped_by_packs += packs_skipped_;
      if (AmountOf(data_seed) == Amount::kFiltersOfBlocks) {
        searched.skipped_by_blocks += blocks_skipped_;
      }
    }
    empty_ += expected_.empty() ? 1 : 0;
    errors_ += expected_.code != StatusCode::kOk ? 1 : 0;
    ambiguous_ += expected_.ambiguous ? 1 : 0;
    if (difference.empty()) return;
    ++failures_;
    const Case smallest = Shrink(tried, [&](const Case& candidate) {
      Load(candidate.data, data_seed);
      return !Differ(candidate).empty();
    });
    Load(smallest.data, data_seed);
    const std::string smallest_difference = Differ(smallest);
    ADD_FAILURE() << "SKALD_DIFF_SEED=" << data_seed << " query " << number << ": "
                  << tried.query.text << "\nshrunk to " << Describe(smallest)
                  << "\nexpected: " << ToString(expected_) << "\nactual: " << ToString(actual_)
                  << "\n"
                  << smallest_difference;
    Load(data_, data_seed);
  }

  const uint64_t max_failures_ = Setting("SKALD_DIFF_FAILURES", 3);
  std::unique_ptr<Backend> backend_;
  const Scope scope_;
  Executor narrow_{"narrow", 1};
  Executor wide_{"wide", 3};
  logql::LogSource* source_ = nullptr;
  uint64_t tenants_ = 0;
  DataSet data_;
  Answer expected_;
  Answer actual_;
  uint64_t blocks_skipped_ = 0;  // By the query run last.
  uint64_t packs_skipped_ = 0;
  std::map<std::string_view, Searched> searched_;
  uint64_t empty_ = 0;
  uint64_t errors_ = 0;
  uint64_t ambiguous_ = 0;
  uint64_t failures_ = 0;
};

TEST(DifferentialTest, EngineAgreesWithTheOracleOnBlocksInMemory) {
  Comparison(MakeMemoryBackend(), Scope::kWholeGrammar)
      .Run(Setting("SKALD_DIFF_SEED", 1), Setting("SKALD_DIFF_CASES", 3000));
}

TEST(DifferentialTest, EngineAgreesWithTheOracleOnWhatIsStored) {
  Comparison(MakeStoredBackend(), Scope::kWholeGrammar)
      .Run(Setting("SKALD_DIFF_SEED", 1), Setting("SKALD_DIFF_CASES", 3000));
}

// That searches of a kind find something, and read less by filters.
void ExpectWorthwhile(std::string_view kind, const Searched& searched) {
  SCOPED_TRACE(kind);
  if (kind == kPartSearch) {  // For what many lines have.
    EXPECT_GT(searched.found, searched.queries / 3);
    return;
  }
  EXPECT_GT(searched.found, searched.queries / 10);
  EXPECT_GT(searched.skipped_by_blocks, 0u);
  EXPECT_GT(searched.skipped_by_packs, 0u);
}

// That every encoding was searched; words that tokens are cut into are neither times nor cut again.
void ExpectAllEncodings(const SplitCounts& counts) {
  for (size_t i = 0; i < SplitCounts::kNames.size(); ++i) {
    SCOPED_TRACE(SplitCounts::kNames[i]);
    EXPECT_GT(counts.columns()[i], 0u);
    if (SplitCounts::kNames[i] == "times" || SplitCounts::kNames[i] == "split") continue;
    EXPECT_GT(counts.word_columns()[i], 0u);
  }
}

TEST(DifferentialTest, EngineAgreesWithTheOracleWhereFiltersRuleOutBlocksAndPacks) {
  constexpr uint64_t kCases = 2400;
  const uint64_t cases = Setting("SKALD_DIFF_CASES", kCases);
  SplitCounts counts;
  Comparison comparison(MakeCompactedBackend(counts), Scope::kSearches);
  comparison.Run(Setting("SKALD_DIFF_SEED", 1), cases);
  for (const auto& [kind, searched] : comparison.searched()) {
    std::cout << kind << ": " << searched.queries << " searches, " << searched.found
              << " found something; blocks " << searched.skipped_by_blocks << ", packs "
              << searched.skipped_by_packs << " skipped\n";
  }
  std::cout << counts << "\n";
  if (cases < kCases) {
    std::cout << "too few queries to expect all of these\n";
    return;
  }
  EXPECT_EQ(comparison.searched().size(), kSearches.size() + 1);
  for (const auto& [kind, searched] : comparison.searched()) ExpectWorthwhile(kind, searched);
  ExpectAllEncodings(counts);
}

}  // namespace
}  // namespace skald::differential
