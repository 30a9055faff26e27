// A query as it is planned, with all that sources leave out on the plan's word, answers the same as
// its stages one after the other as they are written. On made-up entries that hold what makes plans
// go wrong: escapes, names with several origins, broken lines, keys twice.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/quote.h"
#include "logql/engine.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "logql/stages/label_set.h"
#include "logql/stages/pipeline.h"
#include "support/matchers.h"
#include "support/memory_source.h"

namespace skald::logql {
namespace {

using test::IsOk;
using test::MemorySource;

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  size_t Below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  bool OneIn(size_t count) { return Below(count) == 0; }
  std::string Any(const std::vector<std::string>& of) { return of[Below(of.size())]; }

  std::string Name() { return Any({"status", "level", "a_b", "took", "kind", "level_extracted"}); }
  std::string Value() {
    return Any({"500", "50", "error", "Error", "warn", "x/y", "two words", "12ms", "3", "7.5", "",
                "ask", "ASKIN", "tab\\there", "caf\u00e9 au lait"});
  }

  std::string JsonText(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (static_cast<signed char>(c) > ' ' && c != '\\' && OneIn(12)) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u00%02x", c);
        out += escape;
      } else if (c == '/' && OneIn(2)) {
        out += "\\/";
      } else {
        out += c == '\\' ? "\\\\" : std::string(1, c);
      }
    }
    return out + (OneIn(40) ? "" : "\"");
  }
  std::string JsonKey() {
    return JsonText(OneIn(6) ? Any({"a.b", "a-b", " status ", "le\u00e9vel", "_entry"}) : Name());
  }
  std::string JsonObject(int depth) {
    std::string out = "{";
    for (size_t i = Below(5); i > 0; --i) {
      if (out.size() > 1) out += OneIn(30) ? ";" : ",";
      out += JsonKey() + ":";
      if (depth < 2 && OneIn(5)) {
        out += JsonObject(depth + 1);
      } else {
        out += OneIn(3)
                   ? Any({"500", "5e2", "true", "null", "[1,\"500\"]", "3", R"("a\u017f\u212ain")"})
                   : JsonText(Value());
      }
    }
    if (depth == 0 && OneIn(6)) {
      out += std::string(out.size() > 1 ? "," : "") + R"("_entry":"{\"status\":\"500\"}")";
    }
    return out + (OneIn(30) ? "" : "}");
  }
  std::string Logfmt() {
    std::string out;
    for (size_t i = 1 + Below(4); i > 0; --i) {
      const std::string value = Value();
      const bool quoted = value.find_first_of(" \\/") != std::string::npos || OneIn(3);
      out += (OneIn(8) ? Any({"a.b", "a-b"}) : Name()) + "=" + (quoted ? JsonText(value) : value);
      out += " ";
    }
    return out;
  }
  std::string Line() {
    switch (Below(5)) {
      case 0:
      case 1:
        return JsonObject(0);
      case 2:
      case 3:
        return Logfmt();
      default:
        return "plain \x1b[31m" + Value() + "\x1b[0m took " + Value() + " \xff " + Value();
    }
  }

  std::string Compare() {
    const std::string name = Name();
    switch (Below(9)) {
      case 0:
        return name + Any({">=", "<", "=", "!="}) + Any({"3", "500", "7.5"});
      case 1:
        return name + Any({">", "<="}) + "10ms";
      case 2:
        return name + "=~" +
               Quoted(Any({"5..", "err.*", ".*rr.*", "(?i)error|ask", "500|warn", "(?i)ASKIN",
                           "(?i)askin", ".+", "x/.*", "two.words"}));
      case 3:
        return name + Any({"!=", "!~"}) + Quoted(Any({"500", "", "error"}));
      default:
        return name + "=" + Quoted(Value());
    }
  }
  std::string Filter() {
    std::string out = Compare();
    while (OneIn(3)) {
      out = "(" + out + Any({" or ", " and "}) + Compare() + ")";
    }
    return " | " + out;
  }
  std::string LineFilter() {
    return Any({" |= ", " != ", " |~ ", " !~ "}) +
           Quoted(Any({"500", "status", "rr", "plain", "u00", "", "e"}));
  }
  std::string OtherStage() {
    return Any({" | json", " | json", " | logfmt", " | logfmt --strict", " | unpack",
                R"( | json status="a.b", kind)", R"( | logfmt level, took="a_b")",
                " | regexp `took (?P<took>\\S+)`", R"( | pattern "<kind> <level>=<status> <_>")",
                R"( | line_format "{{.status}} {{.level}}")", " | label_format level=status",
                R"( | label_format status="500{{.kind}}")", " | drop level",
                R"( | drop kind="x/y")", " | keep status, took, app", " | decolorize"});
  }
  // Line filters do not stand behind decolorize, which they pass on purpose.
  std::string Stages() {
    std::string out;
    bool decolorized = false;
    for (size_t i = 1 + Below(5); i > 0; --i) {
      const size_t kind = Below(5);
      if (kind == 0 && !decolorized) {
        out += LineFilter();
      } else if (kind <= 2) {
        out += Filter();
      } else {
        out += OtherStage();
        decolorized = decolorized || out.ends_with("decolorize");
      }
    }
    return out;
  }

  static std::string Quoted(const std::string& text) {
    std::string out;
    AppendGoQuoted(out, text);
    return out;
  }

 private:
  std::mt19937 random_;
};

struct DrawnEntry {
  model::Labels stream;
  int64_t time_ns = 0;
  std::string line;
  model::Labels metadata;
};

std::vector<DrawnEntry> MakeEntries(Maker& maker, size_t count) {
  std::vector<DrawnEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    model::LabelsBuilder stream;
    stream.Set("app", "a");
    if (maker.OneIn(3)) stream.Set("level", maker.Any({"error", "warn"}));
    model::LabelsBuilder metadata;
    for (const char* name : {"status", "level", "kind"}) {
      if (maker.OneIn(5)) metadata.Set(name, maker.Value());
    }
    entries.push_back(
        {stream.Build(), static_cast<int64_t>(1 + i), maker.Line(), metadata.Build()});
  }
  return entries;
}

// Time, line and labels of what is left.
using Answer = std::map<int64_t, std::string>;

Answer AsWritten(const LogExpr& log, const std::vector<DrawnEntry>& entries) {
  std::vector<const Stage*> stages;
  for (const Stage& stage : log.stages) stages.push_back(&stage);
  auto pipeline = Pipeline::Make(stages, {});
  EXPECT_THAT(pipeline, IsOk());
  Answer answer;
  for (const DrawnEntry& entry : entries) {
    if (!pipeline.ok() || !model::MatchesAll(log.matchers, entry.stream)) continue;
    model::EntryBlockBuilder builder;
    std::vector<model::MetadataPair> metadata;
    for (const model::LabelView pair : entry.metadata) metadata.push_back(pair);
    builder.Append(entry.time_ns, 0, entry.line, metadata);
    const model::LogBatch batch{std::make_shared<const model::Labels>(entry.stream),
                                std::make_shared<const model::EntryBlock>(builder.Finish()),
                                {0}};
    const std::vector<uint32_t>& left = (*pipeline)->Start(batch);
    if (left.empty()) continue;
    const RowSlice& slice = (*pipeline)->RunSlice(left);
    if (slice.active().empty()) continue;
    answer[entry.time_ns] =
        std::string(slice.Line(0)) + " " + LabelSet(slice.labels(), 0).ToString();
  }
  return answer;
}

class PlanEquivalenceTest : public testing::TestWithParam<uint32_t> {
 protected:
  Result<model::QueryResult> Run(const std::string& text, MemorySource& source) {
    Query query;
    query.tenant = model::TenantId("t");
    SKALD_ASSIGN_OR_RETURN(query.expr, Parse(text));
    query.end_ns = 1'000'000;
    query.step_ns = 1'000'000;
    query.limit = 1'000'000;
    model::ScanContext context;
    return Engine(source, executor_).Run(query, context);
  }

  static Answer Show(const model::QueryResult& result) {
    Answer answer;
    for (const model::ResultStream& stream : std::get<model::Streams>(result.data).streams) {
      for (const model::ResultEntry& entry : stream.entries) {
        answer[entry.time_ns] = entry.line + " " + stream.labels.ToString();
      }
    }
    return answer;
  }

  Executor executor_{"plan", 1};
};

TEST_P(PlanEquivalenceTest, EntriesAreThoseOfTheStagesAsWritten) {
  Maker maker(GetParam());
  const std::vector<DrawnEntry> entries = MakeEntries(maker, 300);
  MemorySource hinted({.block_rows = {1}, .skips_by_literals = true});
  MemorySource blocks({.block_rows = {40, 3}, .skips_by_literals = true});
  for (const DrawnEntry& entry : entries) {
    hinted.Add(entry.stream, entry.time_ns, entry.line, entry.metadata);
    blocks.Add(entry.stream, entry.time_ns, entry.line, entry.metadata);
  }
  size_t left = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string text =
        (maker.OneIn(3) ? R"({app="a",level=~"e.+"})" : R"({app="a"})") + maker.Stages();
    const auto expr = Parse(text);
    if (!expr.ok()) continue;  // Two captures of a name, and the like.
    const Answer wanted = AsWritten(std::get<LogExpr>((*expr)->node), entries);
    left += wanted.size();
    const auto by_rows = Run(text, hinted);
    ASSERT_THAT(by_rows, IsOk()) << text;
    EXPECT_EQ(Show(*by_rows), wanted) << text << "\nseed " << GetParam();
    const auto by_blocks = Run(text, blocks);
    ASSERT_THAT(by_blocks, IsOk()) << text;
    EXPECT_EQ(Show(*by_blocks), wanted) << text << "\nseed " << GetParam();
  }
  EXPECT_GT(left, 100u);
}

// Metric queries read fewer columns; and what unwrap wants is pushed down as well.
TEST_P(PlanEquivalenceTest, SamplesAreTheSameWithAndWithoutHints) {
  Maker maker(GetParam() + 1000);
  MemorySource hinted({.block_rows = {1}, .skips_by_literals = true});
  MemorySource whole({.block_rows = {1000}});
  for (const DrawnEntry& entry : MakeEntries(maker, 300)) {
    hinted.Add(entry.stream, entry.time_ns, entry.line, entry.metadata);
    whole.Add(entry.stream, entry.time_ns, entry.line, entry.metadata);
  }
  for (int i = 0; i < 60; ++i) {
    const std::string stages = maker.Stages();
    const std::string errors = R"( | __error__="")";
    const std::string text =
        maker.OneIn(2)
            ? "sum by (level, status) (count_over_time({app=\"a\"}" + stages + errors + "[1s]))"
            : "sum by (kind) (sum_over_time({app=\"a\"}" + stages + " | unwrap " + maker.Name() +
                  errors + maker.Filter() + "[1s]))";
    if (!Parse(text).ok()) continue;
    const auto with = Run(text, hinted);
    const auto without = Run(text, whole);
    ASSERT_EQ(with.status().message(), without.status().message()) << text;
    if (!with.ok()) continue;
    const auto& a = std::get<model::Matrix>(with->data).series;
    const auto& b = std::get<model::Matrix>(without->data).series;
    ASSERT_EQ(a.size(), b.size()) << text << "\nseed " << GetParam();
    for (size_t s = 0; s < a.size(); ++s) {
      EXPECT_EQ(a[s].labels, b[s].labels) << text;
      EXPECT_DOUBLE_EQ(a[s].points[0].value, b[s].points[0].value) << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlanEquivalenceTest, testing::Range(1u, 21u));

}  // namespace
}  // namespace skald::logql
