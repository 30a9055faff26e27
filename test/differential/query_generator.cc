#include "differential/query_generator.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/quote.h"
#include "differential/data_generator.h"
#include "differential/random.h"
#include "differential/stage_generator.h"

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

class Generator {
 public:
  Generator(uint64_t seed, const DataSet& data) : random_(seed), stages_(random_, data) {
    first_ns_ = 1'700'000'000 * kSecond;
    last_ns_ = first_ns_ + 300 * kSecond;
    bool any = false;
    for (const Stream& stream : data.streams) {
      for (const Entry& entry : stream.entries) {
        first_ns_ = any ? std::min(first_ns_, entry.time_ns) : entry.time_ns;
        last_ns_ = any ? std::max(last_ns_, entry.time_ns) : entry.time_ns;
        any = true;
      }
    }
  }

  GeneratedQuery Run() {
    GeneratedQuery generated;
    logql::Query& query = generated.query;
    if (random_.Chance(40)) {
      generated.text = stages_.Selector();
      generated.text += stages_.Pipeline(true);
      SetLogTimes(query);
    } else {
      generated.text = Metric(3);
      SetSteps(query);
    }
    return generated;
  }

  GeneratedQuery Search() {
    GeneratedQuery generated;
    generated.search = kSearches[random_.Below(kSearches.size())];
    generated.text = stages_.Selector();
    generated.text += stages_.Search(generated.search);
    SetAllTime(generated);
    return generated;
  }

  GeneratedQuery PartSearch() {
    GeneratedQuery generated;
    generated.search = kPartSearch;
    generated.text = stages_.PartSearch();
    SetAllTime(generated);
    return generated;
  }

 private:
  void SetAllTime(GeneratedQuery& generated) {
    logql::Query& query = generated.query;
    query.start_ns = first_ns_;
    query.end_ns = last_ns_ + 1;
    query.limit = static_cast<uint32_t>(5000 + random_.Below(2));
    if (random_.Chance(50)) query.direction = model::Direction::kForward;
    if (random_.Chance(30)) {
      generated.text = "sum by (app, env) (count_over_time(" + generated.text + " [24h]))";
      query.instant = true;
      query.end_ns = last_ns_;
    }
  }

  void SetLogTimes(logql::Query& query) {
    query.start_ns = first_ns_;
    query.end_ns = last_ns_ + 1;
    if (random_.Chance(40)) query.start_ns += random_.Between(-60, 200) * kSecond;
    if (random_.Chance(40)) query.end_ns -= random_.Between(-60, 200) * kSecond;
    query.limit = static_cast<uint32_t>(random_.Chance(50) ? 1 + random_.Below(20) : 5000);
    if (random_.Chance(50)) query.direction = model::Direction::kForward;
    if (random_.Chance(10)) query.interval_ns = random_.Between(1, 40) * kSecond;
    query.categorize_labels = random_.Chance(30);
  }

  void SetSteps(logql::Query& query) {
    query.instant = random_.Chance(35);
    query.start_ns = first_ns_ / kSecond * kSecond + random_.Between(-30, 60) * kSecond;
    if (random_.Chance(10)) query.start_ns += 1'000'000;
    query.step_ns = random_.Pick<int64_t>({7, 10, 30, 60, 61}) * kSecond;
    query.end_ns = query.start_ns + random_.Between(0, 20) * query.step_ns;
    if (query.instant)
      query.end_ns = last_ns_ / kSecond * kSecond - random_.Between(-20, 100) * kSecond;
  }

  std::string Duration() {
    return random_.Pick<std::string>({"5s", "10s", "30s", "1m", "90s", "5m", "17s"});
  }

  // With a blank before it.
  std::string Grouping() {
    const std::string kind = random_.Pick<std::string>({"by", "by", "by", "without"});
    return " " + kind + " (" + stages_.LabelList(3) + ")";
  }

  std::string Unwrap() {
    std::string text = " | unwrap ";
    switch (random_.Below(6)) {
      case 0:
        text += "duration(took)";
        break;
      case 1:
        text += "bytes(size)";
        break;
      case 2:
        text += "duration_seconds(" + stages_.LabelName() + ")";
        break;
      default:
        text += random_.Pick<std::string>({"n", "m", "status", "req_id"});
    }
    if (random_.Chance(70)) text += R"( | __error__="")";
    if (random_.Chance(10)) text += " | " + stages_.LabelFilter(1);
    return text;
  }

  std::string RangeAggregation() {
    static const Texts kLogOps = {"count_over_time", "rate", "bytes_over_time", "bytes_rate",
                                  "absent_over_time"};
    static const Texts kUnwrapOps = {"rate",
                                     "rate_counter",
                                     "sum_over_time",
                                     "avg_over_time",
                                     "min_over_time",
                                     "max_over_time",
                                     "stdvar_over_time",
                                     "stddev_over_time",
                                     "first_over_time",
                                     "last_over_time",
                                     "quantile_over_time",
                                     "absent_over_time"};
    const bool unwraps = random_.Chance(50);
    const std::string op = random_.Pick(unwraps ? kUnwrapOps : kLogOps);
    std::string log = stages_.Selector();
    log += stages_.Pipeline(false);
    if (!unwraps && random_.Chance(60)) log += R"( | __error__="")";
    if (unwraps) log += Unwrap();
    std::string text = op + "(";
    if (op == "quantile_over_time") {
      text += random_.Pick<std::string>({"0", "0.5", "0.9", "0.99", "1", "1.5"}) + ", ";
    }
    text += log + " [" + Duration() + "]";
    if (random_.Chance(15)) text += " offset " + random_.Pick<std::string>({"10s", "1m", "-30s"});
    text += ")";
    static const Texts kGrouped = {"avg_", "min_", "max_", "std", "quan", "first", "last"};
    for (const std::string& prefix : kGrouped) {
      if (unwraps && op.starts_with(prefix) && random_.Chance(60)) text += Grouping();
    }
    return text;
  }

  std::string VectorAggregation(int levels) {
    static const Texts kOps = {"sum", "sum", "avg", "min", "max", "count", "stddev", "stdvar"};
    static const Texts kTop = {"topk", "bottomk"};
    std::string text;
    if (random_.Chance(15)) {
      text = random_.Pick(kTop);
      if (random_.Chance(40)) text += Grouping();
      text += "(" + std::to_string(1 + random_.Below(4)) + ", ";
    } else if (random_.Chance(8)) {
      text = random_.Pick<std::string>({"sort(", "sort_desc("});
    } else {
      text = random_.Pick(kOps);
      if (random_.Chance(75)) text += Grouping();
      text += "(";
    }
    return text + Metric(levels - 1) + ")";
  }

  std::string Number() {
    return random_.Pick<std::string>({"0", "1", "2", "0.5", "10", "3", "-1"});
  }

  std::string Binary(int levels) {
    static const Texts kArithmetic = {"+", "-", "*", "/", "%", "^"};
    static const Texts kComparisons = {">", ">=", "<", "<=", "==", "!="};
    static const Texts kSets = {"and", "or", "unless"};
    const uint64_t kind = random_.Below(3);
    std::string op = random_.Pick(kind == 0 ? kArithmetic : kind == 1 ? kComparisons : kSets);
    if (kind == 1 && random_.Chance(30)) op += " bool";
    const std::string left = "(" + Metric(levels - 1) + ")";
    if (kind != 2 && random_.Chance(50)) {
      return random_.Chance(50) ? left + " " + op + " " + Number()
                                : Number() + " " + op + " " + left;
    }
    if (random_.Chance(40)) {
      op += random_.Pick<std::string>({" on (", " ignoring ("});
      op += stages_.LabelList(2) + ")";
      if (kind != 2 && random_.Chance(40)) {
        op += random_.Pick<std::string>({" group_left (", " group_right ("});
        op += stages_.LabelList(1) + ")";
      }
    }
    // Sides that are alike are the ones that match.
    const std::string right = random_.Chance(40) ? left : "(" + Metric(levels - 1) + ")";
    return left + " " + op + " " + right;
  }

  std::string LabelReplace(int levels) {
    std::string text = "label_replace(" + Metric(levels - 1);
    text += ", " + GoQuote(random_.Pick<std::string>({"level", "x", "app", "env"}));
    text += ", " + GoQuote(random_.Pick<std::string>({"$1", "v-${1}", "", "new", "$1$2", "$x"}));
    text += ", " + GoQuote(stages_.LabelName());
    text +=
        ", " + GoQuote(random_.Pick<std::string>({"(.*)", "(\\w)(.*)", "", "zz", "(?P<x>.).*"}));
    return text + ")";
  }

  std::string Metric(int levels) {
    if (levels == 0 || random_.Chance(35)) {
      return random_.Chance(3) ? "vector(" + std::to_string(random_.Below(5)) + ")"
                               : RangeAggregation();
    }
    const uint64_t kind = random_.Below(10);
    if (kind < 6) return VectorAggregation(levels);
    return kind < 9 ? Binary(levels) : LabelReplace(levels);
  }

  Random random_;
  StageGenerator stages_;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace

GeneratedQuery GenerateQuery(uint64_t seed, const DataSet& data) {
  return Generator(seed, data).Run();
}

GeneratedQuery GenerateSearch(uint64_t seed, const DataSet& data) {
  return Generator(seed, data).Search();
}

GeneratedQuery GeneratePartSearch(uint64_t seed, const DataSet& data) {
  return Generator(seed, data).PartSearch();
}

}  // namespace skald::differential
