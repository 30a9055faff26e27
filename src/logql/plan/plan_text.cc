#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/quote.h"
#include "logql/plan/plan_printer.h"
#include "logql/printer.h"
#include "logql/template/go_time.h"
#include "logql/template/time_printer.h"

namespace skald::logql {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

std::string Time(int64_t time_ns) {
  int64_t seconds = time_ns / kSecondNs;
  int64_t rest = time_ns % kSecondNs;
  if (rest < 0) {
    --seconds;
    rest += kSecondNs;
  }
  std::string text;
  AppendGoTime(text, UtcTime(seconds, static_cast<int32_t>(rest)),
               "2006-01-02T15:04:05.999999999Z07:00");
  return text;
}

std::string Count(uint64_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

std::string Join(const std::vector<std::string>& texts, std::string_view separator,
                 bool quoted = false) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) {
      joined += separator;
    }
    if (quoted) {
      AppendGoQuoted(joined, text);
    } else {
      joined += text;
    }
  }
  return joined;
}

// Lines of the form `  name      text`, the name once for all that follow it.
class Section {
 public:
  explicit Section(std::string& out) : out_(out) {}

  void Line(std::string_view name, std::string_view text) {
    const std::string_view shown = name == last_ ? std::string_view() : name;
    last_ = name;
    out_ += "  ";
    out_ += shown;
    out_.append(shown.size() < kWidth ? kWidth - shown.size() : 1, ' ');
    out_ += text;
    out_ += '\n';
  }

 private:
  static constexpr size_t kWidth = 10;
  std::string& out_;
  std::string_view last_;
};

void Operators(const PlanOperator& op, size_t depth, std::string& out) {
  out.append(2 * depth, ' ');
  out += op.text;
  if (op.selector >= 0) {
    out += " of selector " + std::to_string(op.selector + 1);
  }
  if (!op.note.empty()) {
    out += "  (" + std::string(op.note) + ")";
  }
  out += '\n';
  for (const PlanOperator& operand : op.operands) {
    Operators(operand, depth + 1, out);
  }
}

void Stages(const SelectorPlan& selector, Section& section) {
  const ScanPlan& scan = selector.scan;
  for (size_t i = 0; i < scan.stages.size(); ++i) {
    std::string text = std::to_string(i + 1) + ". " + Print(*scan.stages[i]);
    for (const StageMove& move : scan.moves) {
      if (move.to == i) {
        text +=
            "  (written as " + std::to_string(move.from + 1) + ": " + std::string(move.why) + ")";
      }
    }
    section.Line("stages", text);
  }
  if (selector.unwrap != nullptr) {
    section.Line("stages", Print(*selector.unwrap));
  }
}

void Reads(const ScanPlan& scan, Section& section) {
  std::string text = scan.excerpt != nullptr     ? "times, fields of lines"
                     : scan.columns.lines        ? "times, lines"
                     : scan.columns.line_lengths ? "times, lengths of lines"
                                                 : "times";
  if (scan.columns.all_metadata) {
    text += ", all structured metadata";
  } else if (!scan.columns.metadata.empty()) {
    text += ", structured metadata " + Join(scan.columns.metadata, ", ");
  }
  section.Line("reads", text);
}

void Labels(const LabelNeeds& needs, Section& section) {
  section.Line("labels", needs.all             ? "all"
                         : needs.names.empty() ? "none"
                                               : Join(needs.names, ", "));
}

std::string Literal(const model::RequiredLiteral& literal) {
  return Join(literal.any_of, " or ", true) + (literal.fold_case ? " in any case" : "");
}

void Requires(const ScanPlan& scan, Section& section) {
  for (const model::RequiredLiteral& literal : scan.literals) {
    section.Line("requires", "in the line: " + Literal(literal));
  }
  for (const model::LabelLiteral& literal : scan.label_literals) {
    const bool searched =
        std::any_of(scan.line_literals.begin(), scan.line_literals.end(), [&](const auto& other) {
          return other.literal.any_of == literal.literal.any_of &&
                 other.unless_labels == literal.unless_labels;
        });
    section.Line("requires", "in the line: " + Literal(literal.literal) +
                                 ", unless stream or metadata have " +
                                 Join(literal.unless_labels, ", ") +
                                 (searched ? "; searched before parsing" : ""));
  }
  for (const model::RequiredLabel& label : scan.labels) {
    const std::string values =
        label.any_of.empty() ? "any value" : Join(label.any_of, " or ", true);
    section.Line("requires", "label " + label.name + ": " + values + ", from stream" +
                                 (label.may_be_parsed ? ", metadata or line" : " or metadata"));
  }
}

void Forecast(const ScanForecast& forecast, Section& section) {
  section.Line("store", Count(forecast.streams, "stream", "streams") + ", " +
                            Count(forecast.chunks, "chunk", "chunks") + ", " +
                            Count(forecast.packs, "pack", "packs") + ", " +
                            FormatIecBytes(forecast.line_bytes) + " of lines");
  if (forecast.packs_skipped > 0 || forecast.chunks_skipped > 0) {
    section.Line("store", std::to_string(forecast.packs_skipped) + " of " +
                              Count(forecast.packs, "pack", "packs") + " skipped with " +
                              Count(forecast.chunks_skipped, "chunk", "chunks"));
  }
  section.Line("store", std::to_string(forecast.blocks_skipped) + " of " +
                            Count(forecast.blocks, "block", "blocks") + " skipped in " +
                            Count(forecast.chunks_seen, "stored chunk", "stored chunks") +
                            " looked at");
  section.Line("shards", std::to_string(forecast.shards) + " on " +
                             Count(forecast.threads, "thread", "threads") + ", the largest of " +
                             FormatIecBytes(forecast.largest_shard_bytes));
}

std::string Times(model::TimeRange range, model::Direction direction) {
  return Time(range.start) + " to before " + Time(range.end) +
         (direction == model::Direction::kBackward ? ", newest first" : ", oldest first");
}

// "selectors 1, 2 and 4"
std::string Readers(const ReadPlan& read) {
  const std::vector<size_t>& readers = read.shared.readers;
  std::string text = "selectors ";
  for (size_t i = 0; i < readers.size(); ++i) {
    if (i > 0) text += i + 1 < readers.size() ? ", " : " and ";
    text += std::to_string(readers[i] + 1);
  }
  return text;
}

void Selector(size_t index, const QueryPlan& plan, std::string& out) {
  const SelectorPlan& selector = plan.selectors[index];
  const ReadPlan& read = plan.ReadOf(index);
  out += "\nselector " + std::to_string(index + 1) + "  " +
         model::ToString(selector.log->matchers) + "\n";
  Section section(out);
  section.Line("time", Times(selector.range, selector.direction));
  Stages(selector, section);
  Reads(selector.scan, section);
  Labels(selector.scan.needs, section);
  Requires(selector.scan, section);
  if (read.is_shared()) {
    section.Line("shared", "in one read of " + Readers(read));
  } else if (read.forecast) {
    Forecast(*read.forecast, section);
  }
}

void Shared(const ReadPlan& read, std::string& out) {
  const model::ScanRequest& request = read.shared.request;
  out += "\nread of " + Readers(read) + "  " + model::ToString(request.matchers) + "\n";
  Section section(out);
  section.Line("time", Times(request.range, request.direction));
  Reads(read.Scan(), section);
  Requires(read.Scan(), section);
  if (read.forecast) {
    Forecast(*read.forecast, section);
  }
}

std::string Answer(const QueryPlan& plan) {
  if (plan.is_log) {
    const bool backward = plan.selectors[0].direction == model::Direction::kBackward;
    return std::string(backward ? "the newest " : "the oldest ") + std::to_string(plan.limit) +
           " entries from " + Time(plan.start_ns) + " to before " + Time(plan.end_ns) +
           "; stops once they are found";
  }
  if (plan.is_instant) {
    return "values at " + Time(plan.end_ns);
  }
  return "values at " + Count(plan.points, "point", "points") + " from " + Time(plan.start_ns) +
         " to " + Time(plan.end_ns) + ", " + FormatGoDuration(Nanoseconds(plan.step_ns)) + " apart";
}

}  // namespace

std::string PrintPlan(const QueryPlan& plan) {
  std::string out = "query   " + plan.text + "\nanswer  " + Answer(plan) + "\n\n";
  Operators(plan.root, 0, out);
  for (size_t i = 0; i < plan.selectors.size(); ++i) {
    Selector(i, plan, out);
  }
  for (const ReadPlan& read : plan.reads) {
    if (read.is_shared()) Shared(read, out);
  }
  return out;
}

}  // namespace skald::logql
