// Queries with distinct, sort and limit, run by the engine and stage by stage on all entries.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/executor.h"
#include "logql/answer_stages.h"
#include "logql/engine.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "support/matchers.h"
#include "support/memory_source.h"

namespace skald::logql {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::MemorySource;
using testing::HasSubstr;

constexpr uint64_t kSeed = 20261122;
constexpr int kQueries = 1500;
constexpr int kEntries = 400;

struct PlainEntry {
  int64_t time_ns = 0;
  std::string line;
  model::Labels labels;
};

// What the answer is by the meaning of each stage alone.
std::vector<PlainEntry> RunPlainly(const LogExpr& log, std::vector<PlainEntry> entries,
                                   const Query& query) {
  std::sort(entries.begin(), entries.end(), [&](const PlainEntry& a, const PlainEntry& b) {
    return query.direction == model::Direction::kForward ? a.time_ns < b.time_ns
                                                         : a.time_ns > b.time_ns;
  });
  for (const Stage& stage : log.stages) {
    if (const auto* filter = std::get_if<LabelFilter>(&stage)) {
      const model::Matcher& matcher = std::get<StringLabelFilter>(filter->node).matcher;
      std::erase_if(entries, [&](const PlainEntry& e) {
        return !matcher.Matches(e.labels.Get(matcher.name()));
      });
    } else if (const auto* line = std::get_if<LineFilter>(&stage)) {
      std::erase_if(entries, [&](const PlainEntry& e) {
        return e.line.find(line->alternatives[0].text) == std::string::npos;
      });
    } else if (const auto* sort = std::get_if<SortBy>(&stage)) {
      std::stable_sort(
          entries.begin(), entries.end(), [&](const PlainEntry& a, const PlainEntry& b) {
            return SortsBefore(ReadMarkedValue(a.labels.Get(sort->field)),
                               ReadMarkedValue(b.labels.Get(sort->field)), sort->descending);
          });
    } else if (const auto* limit = std::get_if<LimitEntries>(&stage)) {
      entries.resize(std::min<size_t>(entries.size(), limit->count));
    } else if (const auto* distinct = std::get_if<Distinct>(&stage)) {
      std::set<std::vector<std::string>> seen;
      std::erase_if(entries, [&](const PlainEntry& e) {
        std::vector<std::string> values;
        for (const std::string& field : distinct->fields) {
          values.emplace_back(e.labels.Get(field));
        }
        return !seen.insert(values).second;
      });
    }
  }
  entries.resize(std::min<size_t>(entries.size(), query.limit));
  return entries;
}

// Random entries with few values in three labels, at times of their own.
class AnswerQueryTest : public testing::Test {
 protected:
  using Random = std::mt19937_64;

  static size_t Below(Random& random, size_t n) { return random() % n; }
  static std::string Value(Random& random) {
    static const std::vector<std::string> kValues = {"", "a", "b", "1", "2", "10", "3ms", "2s"};
    return kValues[Below(random, kValues.size())];
  }
  static std::string Label(Random& random) { return std::string(1, "xyz"[Below(random, 3)]); }

  std::vector<PlainEntry> Load(Random& random, MemorySource& source) {
    std::vector<PlainEntry> entries;
    for (int i = 0; i < kEntries; ++i) {
      const model::Labels stream({{"app", "abcdefghij"[Below(random, 10)] == 'a' ? "a" : "b"},
                                  {"x", std::to_string(Below(random, 4))}});
      const std::string y = Value(random);
      const std::string z = Value(random);
      const model::Labels metadata({{"y", y}, {"z", z}});
      PlainEntry entry;
      entry.time_ns = i * 10 + static_cast<int64_t>(Below(random, 10));
      entry.line = "line " + std::to_string(i);
      entry.labels = model::LabelsBuilder(stream).Set("y", y).Set("z", z).Build();
      source.Add(stream, entry.time_ns, entry.line, metadata);
      entries.push_back(std::move(entry));
    }
    return entries;
  }

  static Stage AnyStage(Random& random) {
    switch (Below(random, 8)) {
      case 0:
      case 1:
        return Below(random, 2) == 0 ? Distinct{{Label(random)}}
                                     : Distinct{{Label(random), Label(random)}};
      case 2:
      case 3:
        return SortBy{Label(random), Below(random, 2) == 0};
      case 4:
      case 5:
        return LimitEntries{static_cast<uint32_t>(1 + Below(random, 60))};
      case 6:
        return LineFilter{LineFilterOp::kContains, {{std::to_string(Below(random, 10))}}};
      default:
        return LabelFilter{StringLabelFilter{*model::Matcher::Make(
            Below(random, 2) == 0 ? model::MatchOp::kEqual : model::MatchOp::kNotEqual,
            Label(random), Value(random))}};
    }
  }

  // Into one stream, whose entries then show the order of all.
  static LogExpr AnyLog(Random& random) {
    LogExpr log{.matchers = {*model::Matcher::Make(model::MatchOp::kRegex, "app", ".+")},
                .stages = {}};
    do {
      log.stages.push_back(AnyStage(random));
    } while (Below(random, 3) != 0);
    log.stages.push_back(KeepLabels{{{.name = "none", .matcher = {}}}});
    return log;
  }
};

TEST_F(AnswerQueryTest, GivesWhatTheStagesMeanOneByOne) {
  Executor one("one", 1);
  Executor four("four", 4);
  for (uint64_t seed = kSeed; seed < kSeed + kQueries; ++seed) {
    Random random(seed);
    MemorySource source(
        {.block_rows = {1 + Below(random, 40), 1 + Below(random, 5)}, .skips_by_literals = true});
    const std::vector<PlainEntry> entries = Load(random, source);
    Query query;
    query.end_ns = kEntries * 10;
    query.limit = static_cast<uint32_t>(1 + Below(random, 80));
    query.min_shard_bytes = 1;
    query.direction =
        Below(random, 2) == 0 ? model::Direction::kForward : model::Direction::kBackward;
    query.expr = std::make_shared<const Expr>(Expr{AnyLog(random)});
    const auto& log = std::get<LogExpr>(query.expr->node);
    model::ScanContext context;
    const auto result = Engine(source, seed % 2 == 0 ? one : four).Run(query, context);
    ASSERT_THAT(result, IsOk()) << Print(log) << " seed " << seed;
    std::vector<std::string> lines;
    for (const auto& stream : std::get<model::Streams>(result->data).streams) {
      for (const auto& entry : stream.entries) lines.push_back(entry.line);
    }
    std::vector<std::string> wanted;
    for (const PlainEntry& entry : RunPlainly(log, entries, query)) wanted.push_back(entry.line);
    ASSERT_EQ(lines, wanted) << Print(log) << " limit " << query.limit << " seed " << seed;
  }
}

class HeldBytesTest : public testing::Test {
 protected:
  HeldBytesTest() {
    for (int i = 0; i < 5000; ++i) {
      const std::string id = std::to_string(i);
      source_.Add(model::Labels({{"app", "a"}}), i, "id=" + id, model::Labels({{"id", id}}));
    }
  }

  Result<model::QueryResult> Run(const std::string& text) {
    Query query;
    query.expr = *Parse(text);
    query.end_ns = 5000;
    query.limit = 10;
    query.max_held_bytes = 100'000;
    model::ScanContext context;
    return Engine(source_, executor_).Run(query, context);
  }

  MemorySource source_{{.block_rows = {100}}};
  Executor executor_{"test", 1};
};

TEST_F(HeldBytesTest, WhatIsCutToALimitFits) {
  EXPECT_THAT(Run(R"({app="a"} | distinct id)"), IsOk());
  EXPECT_THAT(Run(R"({app="a"} | sort by id desc)"), IsOk());
  EXPECT_THAT(Run(R"({app="a"} | limit 20 | id="1")"), IsOk());
  EXPECT_THAT(Run(R"({app="a"} | limit 4000)"), IsOk());  // The query's own limit holds as well.
  EXPECT_THAT(Run(R"({app="a"} | sort by id | distinct app | id="1")"), IsOk());
}

TEST_F(HeldBytesTest, WhatMustBeHeldWithoutALimitEndsInAnErrorThatNamesTheSetting) {
  for (const char* query :
       {R"({app="a"} | distinct id | id="1")", R"({app="a"} | distinct id | sort by id)",
        R"({app="a"} | limit 4000 | sort by id)"}) {
    const auto result = Run(query);
    EXPECT_THAT(result, HasCode(StatusCode::kResourceExhausted)) << query;
    EXPECT_THAT(result, HasMessage(HasSubstr("limits_config.max_query_held_bytes"))) << query;
  }
}

TEST(AnswerStagesTest, ReadsNumbersDurationsAndSizes) {
  const auto number = [](std::string_view text) {
    const MarkedValue value = ReadMarkedValue(text);
    return value.kind == MarkedValue::Kind::kNumber ? value.number : -1;
  };
  EXPECT_EQ(number("17"), 17);
  EXPECT_EQ(number("1.5e3"), 1500);
  EXPECT_EQ(number("250ms"), 0.25);
  EXPECT_EQ(number("1h2m"), 3720);
  EXPECT_EQ(number("2KB"), 2000);
  EXPECT_EQ(number("+Inf"), std::numeric_limits<double>::infinity());
  for (const char* text : {"NaN", "x1", "1x", "-", "i", "10.0.0.1"}) {
    EXPECT_EQ(ReadMarkedValue(text).kind, MarkedValue::Kind::kText) << text;
  }
  EXPECT_EQ(ReadMarkedValue("").kind, MarkedValue::Kind::kMissing);
}

TEST(AnswerStagesTest, OrdersNumbersBeforeTextsBeforeNothing) {
  const std::vector<std::string> ascending = {"-1", "2ms", "1", "10", "A", "a", "b", ""};
  const std::vector<std::string> descending = {"10", "1", "2ms", "-1", "b", "a", "A", ""};
  for (const bool down : {false, true}) {
    const std::vector<std::string>& texts = down ? descending : ascending;
    for (size_t i = 0; i < texts.size(); ++i) {
      for (size_t j = 0; j < texts.size(); ++j) {
        EXPECT_EQ(SortsBefore(ReadMarkedValue(texts[i]), ReadMarkedValue(texts[j]), down), i < j)
            << texts[i] << " and " << texts[j];
      }
    }
  }
}

}  // namespace
}  // namespace skald::logql
