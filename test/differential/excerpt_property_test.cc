#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/split_fixture.h"
#include "differential/random.h"
#include "logql/parser.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/pipeline.h"
#include "support/case_count.h"

// What parsers find in excerpts of split lines is what they find in the lines, errors included:
// lines of JSON and logfmt, of a few templates each, sound or damaged, stored as compaction does,
// and read for some of their labels. Each line of which there is an excerpt is a case.

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

const Texts kJsonKeys = {"status", "a.b", "st\\u0061tus", "o",  "msg", "",    "o",
                         "x\\",    "ts",  "status",       "ms", "7",   "a b", "app"};
const Texts kLogfmtKeys = {"status", "a.b", "o", "msg", "ts", "ms", "7", "status", "x{", "app"};
const Texts kLabels = {"status", "a_b", "o_t", "o_u_v", "msg",       "ms",
                       "ts",     "_7",  "x_",  "app",   "__error__", "app_extracted"};
const Texts kOddValues = {"",
                          "a\\",
                          "\\",
                          "\\\\",
                          "x\\\"y",
                          "x\"y",
                          "a=b",
                          "\x01",
                          "n\xc3\xbc",
                          "\xff",
                          "a b",
                          "a,b",
                          "{",
                          "]",
                          "1 2",
                          "nul",
                          "true",
                          "null",
                          "-",
                          "1e5",
                          "12ab",
                          "\\u00e9",
                          "\\q",
                          "a\tb",
                          ":",
                          "a\x02"
                          "b"};

// Lines that have fixed text in common, and between it values that each line draws.
class Template {
 public:
  Template(Random& random, bool json) : random_(random), json_(json) {
    const uint64_t style = random.Below(4);
    if (json) Fixed(style == 0 ? " { " : "{");
    for (uint64_t count = random.Below(8); count > 0; --count) AddField(style, count == 1);
    if (json) Fixed(random.Chance(5) ? "} x" : "}");
    if (!parts_.empty() && random.Chance(30)) Damage();
  }

  std::string Draw(size_t row) {
    std::string line;
    for (const Part& part : parts_) {
      line += part.drawn ? Value(part, row) : part.text;
    }
    return line;
  }

 private:
  struct Part {
    std::string text;
    bool drawn = false;
    uint64_t kind = 0;
    Texts listed;
  };

  void Fixed(std::string text) { parts_.push_back({.text = std::move(text)}); }

  void Drawn() {
    Part part{.drawn = true, .kind = random_.Below(7)};
    for (uint64_t count = 1 + random_.Below(6); count > 0; --count) {
      part.listed.push_back(random_.Chance(30) ? random_.Pick(kOddValues)
                                               : std::to_string(random_.Below(600)));
    }
    parts_.push_back(std::move(part));
  }

  void AddField(uint64_t style, bool last) {
    const std::string quote = random_.Chance(60) ? "\"" : "";
    if (json_) {
      Fixed("\"" + random_.Pick(kJsonKeys) + (style == 1 ? "\": " : "\":"));
      const uint64_t nested = random_.Below(8);
      if (nested == 0)
        Fixed(random_.Pick<std::string>({R"({"t":1,"u":{"v":)", R"({"t" 1,"u":{"v":)",
                                         R"({"t":"x"y,"u":{"v":)", R"({"t":},{"u":)"}));
      if (nested == 1) Fixed(random_.Pick<std::string>({"[1,", "[1 2,", "[[]},"}));
      Fixed(quote);
      Drawn();
      Fixed(quote);
      if (nested == 0) Fixed("}}");
      if (nested == 1) Fixed("]");
      if (!last) Fixed(style == 2 ? " , " : ",");
    } else {
      Fixed(random_.Pick(kLogfmtKeys) + (random_.Chance(90) ? "=" : " "));
      Fixed(quote);
      Drawn();
      Fixed(quote);
      Fixed(style == 3 ? "  " : " ");
    }
  }

  // A character of the fixed text is another one, or gone.
  void Damage() {
    Part& part = parts_[random_.Below(parts_.size())];
    if (part.drawn || part.text.empty()) return;
    char& c = part.text[random_.Below(part.text.size())];
    c = random_.Pick<char>({'"', ',', ':', '{', '}', '[', ']', '\\', ' ', '=', 'x', '1'});
  }

  std::string Value(const Part& part, size_t row) {
    switch (part.kind) {
      case 0:
        return std::to_string(random_.Below(100'000));
      case 1:
        return std::to_string(row) + "." + std::to_string(10 + row % 90) + "ms";
      case 2:
        return chunkstore::Number(random_.Below(1u << 30)) + random_.Pick(kOddValues);
      case 3:
        return "10." + std::to_string(random_.Below(256)) + ".0." + std::to_string(row);
      default:
        return random_.Pick(part.listed);
    }
  }

  Random& random_;
  const bool json_;
  std::vector<Part> parts_;
};

struct Query {
  std::string text;
  Texts labels;  // Sorted.
};

Query DrawQuery(Random& random, bool json) {
  Query query;
  for (uint64_t count = 1 + random.Below(3); count > 0; --count) {
    query.labels.push_back(random.Pick(kLabels));
  }
  std::ranges::sort(query.labels);
  query.labels.erase(std::unique(query.labels.begin(), query.labels.end()), query.labels.end());
  query.text = json ? "{app=\"x\"} | json" : "{app=\"x\"} | logfmt";
  if (!json && random.Chance(30)) query.text += " --keep-empty";
  const uint64_t form = random.Below(4);
  if (form == 0)
    query.text += json ? R"( status, o_t="o.u.v", ms="[\"a.b\"]")" : " status, ms=\"o\"";
  if (form == 1) query.text += " | status=\"" + std::to_string(random.Below(600)) + "\"";
  if (form == 2) query.text += " | ms>100 or msg=\"a b\"";
  return query;
}

// What is left of the block's rows, with their labels.
Texts Found(const Query& query, const logql::ScanPlan& plan,
            std::shared_ptr<const model::EntryBlock> block) {
  auto pipeline = logql::Pipeline::Make(plan.stages, plan.needs, plan.line_literals);
  if (!pipeline.ok()) return {std::string(pipeline.status().message())};
  model::LogBatch batch{
      .stream = std::make_shared<const model::Labels>(model::Labels{{"app", "x"}}),
      .block = std::move(block),
      .selection = {}};
  for (uint32_t row = 0; row < batch.block->size(); ++row) batch.selection.push_back(row);
  Texts found;
  const std::vector<uint32_t> rows = (*pipeline)->Start(batch);
  for (const uint32_t row : rows) {
    logql::RowSlice& slice = (*pipeline)->RunSlice(std::span(&row, 1));
    if (slice.active().empty()) continue;
    std::string& text = found.emplace_back(std::to_string(row));
    Texts names = query.labels;
    names.insert(names.end(), {"__error__", "__error_details__", "app_extracted"});
    for (const std::string& name : names) {
      std::string_view value;
      const bool has = slice.labels().Find(slice.labels().Intern(name), 0, value);
      text += " " + name + (has ? "=" : "-") + std::string(value);
    }
  }
  return found;
}

struct Counts {
  size_t blocks = 0;
  size_t cut = 0;
  size_t lines = 0;
  uint64_t line_bytes = 0;
  uint64_t excerpt_bytes = 0;
};

void CompareBlock(Random& random, Counts& counts) {
  const bool json = random.Chance(60);
  std::vector<Template> templates;
  for (uint64_t count = 1 + random.Below(3); count > 0; --count)
    templates.emplace_back(random, json);
  chunkstore::Lines lines;
  for (size_t row = 0; row < 60 + random.Below(200); ++row) {
    lines.Add(templates[random.Below(templates.size())].Draw(row));
  }
  const std::string encoded = chunkstore::Encode(lines);
  model::EntryBlock whole;
  whole.times = lines.times;
  whole.seqs.assign(lines.times.size(), 1);
  for (const std::string& line : lines.lines) whole.lines.Append(line);
  const auto shared = std::make_shared<const model::EntryBlock>(whole);
  ++counts.blocks;
  for (int i = 0; i < 4; ++i) {
    const Query query = DrawQuery(random, json);
    const auto expr = logql::Parse(query.text);
    ASSERT_TRUE(expr.ok()) << query.text;
    const logql::ScanPlan plan = logql::PlanScan(std::get<logql::LogExpr>((*expr)->node),
                                                 {.labels = {.all = false, .names = query.labels}});
    if (plan.excerpt == nullptr) continue;
    model::EntryBlock cut;
    const auto texts = chunkstore::DecodeSplitLines(
        {encoded, lines.times, whole.lines.text.size(), plan.excerpt.get()}, chunkstore::Buffers(),
        cut.excerpts);
    ASSERT_TRUE(texts.ok()) << texts.status().message();
    if (*texts == chunkstore::TextsAre::kLines) continue;
    ++counts.cut;
    counts.lines += lines.lines.size();
    counts.line_bytes += whole.lines.text.size();
    counts.excerpt_bytes += cut.excerpts.text.size();
    cut.times = whole.times;
    cut.seqs = whole.seqs;
    cut.has_lines = false;
    cut.lines.offsets = whole.lines.offsets;
    cut.has_excerpts = true;
    const auto excerpts = std::make_shared<const model::EntryBlock>(std::move(cut));
    const Texts expected = Found(query, plan, shared);
    const Texts found = Found(query, plan, excerpts);
    const auto differ = std::ranges::mismatch(expected, found);
    if (differ.in1 == expected.end() && differ.in2 == found.end()) continue;
    const std::string& at = differ.in1 != expected.end() ? *differ.in1 : *differ.in2;
    const size_t row = std::stoul(at);
    FAIL() << query.text << "\n"
           << whole.lines[row] << "\n"
           << excerpts->excerpts[row] << "\n"
           << at << "\n"
           << (differ.in2 == found.end() ? "nothing" : *differ.in2);
  }
}

TEST(ExcerptPropertyTest, ParsersFindTheSameInExcerpts) {
  Counts counts;
  const size_t cases = test::CaseCount(40'000);
  for (uint64_t seed = 1; counts.lines < cases; ++seed) {
    Random random(seed);
    ASSERT_NO_FATAL_FAILURE(CompareBlock(random, counts)) << "seed " << seed;
  }
  std::cout << counts.lines << " lines in " << counts.blocks << " blocks, " << counts.cut
            << " times cut, from " << counts.line_bytes << " to " << counts.excerpt_bytes
            << " bytes\n";
  EXPECT_GT(counts.cut, counts.blocks);
  EXPECT_LT(counts.excerpt_bytes, counts.line_bytes / 5 * 4);
}

}  // namespace
}  // namespace skald::differential
