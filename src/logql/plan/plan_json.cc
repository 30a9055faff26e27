#include <algorithm>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/json_fields.h"
#include "logql/plan/plan_printer.h"
#include "logql/printer.h"

namespace skald::logql {
namespace {

void Texts(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& text : texts) {
    json.String(text);
  }
  json.EndArray();
}

// Null stands for all.
void Names(std::string_view key, bool all, const std::vector<std::string>& names,
           JsonWriter& json) {
  if (!all) {
    return Texts(key, names, json);
  }
  json.Key(key);
  json.Null();
}

// Nanoseconds as the query API writes them.
void Time(std::string_view key, int64_t time_ns, JsonWriter& json) {
  AppendText(key, std::to_string(time_ns), json);
}

void Operator(const PlanOperator& op, JsonWriter& json) {
  json.BeginObject();
  AppendText("operator", op.text, json);
  if (!op.note.empty()) {
    AppendText("note", op.note, json);
  }
  if (op.selector >= 0) {
    AppendNumber("selector", static_cast<uint64_t>(op.selector), json);
  }
  if (!op.operands.empty()) {
    json.Key("operands");
    json.BeginArray();
    for (const PlanOperator& operand : op.operands) {
      Operator(operand, json);
    }
    json.EndArray();
  }
  json.EndObject();
}

void Stages(const SelectorPlan& selector, JsonWriter& json) {
  json.Key("stages");
  json.BeginArray();
  for (size_t i = 0; i < selector.scan.stages.size(); ++i) {
    json.BeginObject();
    AppendText("stage", Print(*selector.scan.stages[i]), json);
    for (const StageMove& move : selector.scan.moves) {
      if (move.to == i) {
        AppendNumber("written_at", move.from, json);
        AppendText("moved", move.why, json);
      }
    }
    json.EndObject();
  }
  json.EndArray();
}

void Columns(const model::ColumnSet& columns, bool fields_alone, JsonWriter& json) {
  json.Key("columns");
  json.BeginObject();
  AppendFlag("lines", columns.lines, json);
  AppendFlag("fields_of_lines_alone", fields_alone, json);
  AppendFlag("line_lengths", columns.line_lengths, json);
  Names("structured_metadata", columns.all_metadata, columns.metadata, json);
  json.EndObject();
}

void Literal(const model::RequiredLiteral& literal, JsonWriter& json) {
  Texts("any_of", literal.any_of, json);
  AppendFlag("ignore_case", literal.fold_case, json);
}

bool IsSearched(const model::LabelLiteral& literal, const ScanPlan& scan) {
  return std::any_of(scan.line_literals.begin(), scan.line_literals.end(), [&](const auto& other) {
    return other.literal.any_of == literal.literal.any_of &&
           other.unless_labels == literal.unless_labels;
  });
}

void Requirements(const ScanPlan& scan, JsonWriter& json) {
  json.Key("requires");
  json.BeginObject();
  json.Key("lines");
  json.BeginArray();
  for (const model::RequiredLiteral& literal : scan.literals) {
    json.BeginObject();
    Literal(literal, json);
    json.EndObject();
  }
  for (const model::LabelLiteral& literal : scan.label_literals) {
    json.BeginObject();
    Literal(literal.literal, json);
    Texts("unless_labels", literal.unless_labels, json);
    AppendFlag("searched_before_parsing", IsSearched(literal, scan), json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("labels");
  json.BeginArray();
  for (const model::RequiredLabel& label : scan.labels) {
    json.BeginObject();
    AppendText("name", label.name, json);
    Names("any_of", label.any_of.empty(), label.any_of, json);
    AppendFlag("may_be_parsed", label.may_be_parsed, json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

void Forecast(const ScanForecast& forecast, JsonWriter& json) {
  json.Key("store");
  json.BeginObject();
  AppendNumber("streams", forecast.streams, json);
  AppendNumber("chunks", forecast.chunks, json);
  AppendNumber("packs", forecast.packs, json);
  AppendNumber("line_bytes", forecast.line_bytes, json);
  AppendNumber("packs_skipped", forecast.packs_skipped, json);
  AppendNumber("chunks_skipped", forecast.chunks_skipped, json);
  AppendNumber("chunks_seen", forecast.chunks_seen, json);
  AppendNumber("blocks", forecast.blocks, json);
  AppendNumber("blocks_skipped", forecast.blocks_skipped, json);
  json.EndObject();
  json.Key("shards");
  json.BeginObject();
  AppendNumber("count", forecast.shards, json);
  AppendNumber("largest_bytes", forecast.largest_shard_bytes, json);
  AppendNumber("threads", forecast.threads, json);
  json.EndObject();
}

void Streams(const model::Matchers& matchers, model::TimeRange range, model::Direction direction,
             JsonWriter& json) {
  AppendText("selector", model::ToString(matchers), json);
  Time("start", range.start, json);
  Time("end", range.end, json);
  const bool backward = direction == model::Direction::kBackward;
  AppendText("direction", backward ? "backward" : "forward", json);
}

void Selector(const SelectorPlan& selector, const ReadPlan& read, JsonWriter& json) {
  json.BeginObject();
  Streams(selector.log->matchers, selector.range, selector.direction, json);
  if (selector.window_ns > 0) {
    AppendText("range", FormatPrometheusDuration(Nanoseconds(selector.window_ns)), json);
    AppendText("offset", FormatGoDuration(Nanoseconds(selector.offset_ns)), json);
  }
  Stages(selector, json);
  if (selector.unwrap != nullptr) {
    AppendText("unwrap", Print(*selector.unwrap), json);
  }
  Names("labels", selector.scan.needs.all, selector.scan.needs.names, json);
  Columns(selector.scan.columns, selector.scan.excerpt != nullptr, json);
  Requirements(selector.scan, json);
  if (read.is_shared()) {
    AppendFlag("shared", true, json);
  } else if (read.forecast) {
    Forecast(*read.forecast, json);
  }
  json.EndObject();
}

void Shared(const ReadPlan& read, JsonWriter& json) {
  const model::ScanRequest& request = read.shared.request;
  json.BeginObject();
  json.Key("selectors");
  json.BeginArray();
  for (const size_t reader : read.shared.readers) {
    json.Uint(reader);
  }
  json.EndArray();
  Streams(request.matchers, request.range, request.direction, json);
  Columns(request.columns, request.excerpt != nullptr, json);
  Requirements(read.Scan(), json);
  if (read.forecast) {
    Forecast(*read.forecast, json);
  }
  json.EndObject();
}

}  // namespace

void AppendPlanJson(const QueryPlan& plan, JsonWriter& json) {
  json.BeginObject();
  AppendText("query", plan.text, json);
  AppendText("kind", plan.is_log ? "log" : "metric", json);
  AppendFlag("instant", plan.is_instant, json);
  Time("start", plan.start_ns, json);
  Time("end", plan.end_ns, json);
  json.Key("early_stop");
  if (plan.is_log) {
    json.BeginObject();
    AppendNumber("limit", plan.limit, json);
    Time("interval", plan.interval_ns, json);
    json.EndObject();
  } else {
    json.Null();
    Time("step", plan.step_ns, json);
    AppendNumber("points", plan.points, json);
  }
  json.Key("operators");
  Operator(plan.root, json);
  json.Key("selectors");
  json.BeginArray();
  for (size_t i = 0; i < plan.selectors.size(); ++i) {
    Selector(plan.selectors[i], plan.ReadOf(i), json);
  }
  json.EndArray();
  json.Key("shared_reads");
  json.BeginArray();
  for (const ReadPlan& read : plan.reads) {
    if (read.is_shared()) Shared(read, json);
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace skald::logql
