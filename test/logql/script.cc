#include "logql/script.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "common/duration.h"
#include "common/quote.h"
#include "logql/script_reader.h"

namespace skald::test {
namespace {

// What an eval without a range covers, and the times that scripts may use in it.
constexpr int64_t kDefaultEnd = int64_t{3600} * 1'000'000'000;
constexpr uint32_t kNoLimit = 1'000'000;

std::string ShowNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value == 0 ? 0 : value);
  return text;
}

std::string ShowTime(int64_t ns) { return FormatGoDuration(Nanoseconds(ns)); }

// `${i}` and `${i%N}` replaced by the number of the entry.
std::string Numbered(std::string text, size_t i) {
  for (size_t at = 0; (at = text.find("${i", at)) != std::string::npos;) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) break;
    const size_t modulo =
        text[at + 3] == '%' ? std::strtoul(text.c_str() + at + 4, nullptr, 10) : 0;
    text.replace(at, end + 1 - at, std::to_string(modulo == 0 ? i : i % modulo));
  }
  return text;
}

// `10s`, or `0s+1sx500`: 500 entries from 0s on, a second apart.
struct TimeSeries {
  int64_t start = 0;
  int64_t step = 0;
  size_t count = 1;

  static Result<TimeSeries> Parse(std::string_view word) {
    TimeSeries times;
    const size_t plus = word.find('+', 1);
    SKALD_ASSIGN_OR_RETURN(const Nanoseconds start, ParseGoDuration(word.substr(0, plus)));
    times.start = start.count();
    if (plus == std::string_view::npos) return times;
    const size_t x = word.find('x', plus);
    if (x == std::string_view::npos) return InvalidArgument("expected START+STEPxCOUNT");
    SKALD_ASSIGN_OR_RETURN(const Nanoseconds step,
                           ParseGoDuration(word.substr(plus + 1, x - plus - 1)));
    times.step = step.count();
    std::from_chars(word.data() + x + 1, word.data() + word.size(), times.count);
    return times;
  }
};

class ScriptParser {
 public:
  Result<Script> Parse(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      if (Status status = Feed(text.substr(0, end)); !status.ok()) {
        return InvalidArgument("line " + std::to_string(line_) + ": " +
                               std::string(status.message()));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!pending_.empty()) return InvalidArgument("the last line is to be continued");
    return std::move(script_);
  }

 private:
  // One line, or all lines that `\` at their ends join.
  Status Feed(std::string_view line) {
    const size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') return Status();
    const bool indented = first > 0 && pending_.empty();
    if (pending_.empty()) first_line_ = line_;
    pending_ += line.substr(first);
    if (pending_.ends_with('\\')) {
      pending_.back() = ' ';
      return Status();
    }
    const std::string text = std::exchange(pending_, "");
    ScriptReader reader(text);
    return indented ? Body(reader) : Header(reader);
  }

  Status Header(ScriptReader& reader) {
    labels_.reset();
    if (reader.Take("load")) {
      script_.push_back(LoadCommand());
      return reader.AtEnd() ? Status() : reader.Refuse("nothing behind load");
    }
    if (reader.Take("clear")) {
      script_.push_back(ClearCommand());
      return Status();
    }
    const bool error = reader.Take("eval_error");
    if (!error && !reader.Take("eval")) return reader.Refuse("load, clear, eval or eval_error");
    EvalCommand eval;
    eval.line = first_line_;
    eval.parameters.end_ns = kDefaultEnd;
    eval.parameters.step_ns = kDefaultEnd;
    eval.parameters.limit = kNoLimit;
    eval.parameters.direction = model::Direction::kForward;
    eval.both_directions = true;
    SKALD_RETURN_IF_ERROR(Span(reader, eval.parameters));
    SKALD_RETURN_IF_ERROR(Options(reader, eval));
    eval.query = reader.rest();
    if (error) {
      const size_t arrow = eval.query.rfind(" -> ");
      if (arrow == std::string::npos) return reader.Refuse("-> and the error");
      eval.error = eval.query.substr(arrow + 4);
      eval.query.resize(arrow);
    }
    script_.push_back(std::move(eval));
    return Status();
  }

  // instant TIME, or range START..END [step STEP].
  static Status Span(ScriptReader& reader, logql::Query& query) {
    if (reader.Take("instant")) {
      query.instant = true;
      SKALD_ASSIGN_OR_RETURN(query.end_ns, reader.Time());
      query.start_ns = query.end_ns;
    } else if (reader.Take("range")) {
      const std::string_view span = reader.Word();
      const size_t dots = span.find("..");
      if (dots == std::string_view::npos) return reader.Refuse("START..END");
      SKALD_ASSIGN_OR_RETURN(const Nanoseconds start, ParseGoDuration(span.substr(0, dots)));
      SKALD_ASSIGN_OR_RETURN(const Nanoseconds end, ParseGoDuration(span.substr(dots + 2)));
      query.start_ns = start.count();
      query.end_ns = end.count();
      if (reader.Take("step")) {
        SKALD_ASSIGN_OR_RETURN(query.step_ns, reader.Time());
      }
    }
    return Status();
  }

  static Status Options(ScriptReader& reader, EvalCommand& eval) {
    logql::Query& query = eval.parameters;
    for (;;) {
      if (reader.Take("forward") || reader.PeekWord() == "backward") {
        query.direction =
            reader.Take("backward") ? model::Direction::kBackward : model::Direction::kForward;
        eval.both_directions = false;
      } else if (reader.Take("limit")) {
        SKALD_ASSIGN_OR_RETURN(const double limit, reader.Number());
        query.limit = static_cast<uint32_t>(limit);
        eval.both_directions = false;
      } else if (reader.Take("split")) {
        SKALD_ASSIGN_OR_RETURN(query.split_ns, reader.Time());
      } else if (reader.Take("interval")) {
        SKALD_ASSIGN_OR_RETURN(query.interval_ns, reader.Time());
        eval.both_directions = false;
      } else if (reader.Take("max_series")) {
        SKALD_ASSIGN_OR_RETURN(const double limit, reader.Number());
        query.max_series = static_cast<uint32_t>(limit);
      } else if (reader.Take("partial_series")) {
        query.partial_series = true;
      } else if (reader.Take("categorize")) {
        query.categorize_labels = true;
      } else {
        return Status();
      }
    }
  }

  Status Body(ScriptReader& reader) {
    while (!reader.AtEnd()) {
      if (script_.empty()) return reader.Refuse("a command first");
      if (auto* load = std::get_if<LoadCommand>(&script_.back())) {
        SKALD_RETURN_IF_ERROR(Load(reader, *load));
      } else if (auto* eval = std::get_if<EvalCommand>(&script_.back())) {
        SKALD_RETURN_IF_ERROR(Expect(reader, *eval));
      } else {
        return reader.Refuse("nothing");
      }
    }
    return Status();
  }

  Status Load(ScriptReader& reader, LoadCommand& load) {
    if (reader.Peek() == '{') {
      SKALD_ASSIGN_OR_RETURN(labels_, reader.LabelSet());
      return Status();
    }
    if (!labels_) return reader.Refuse("a label set first");
    SKALD_ASSIGN_OR_RETURN(const TimeSeries times, TimeSeries::Parse(reader.Word()));
    SKALD_ASSIGN_OR_RETURN(const std::string line, reader.String());
    SKALD_ASSIGN_OR_RETURN(const ScriptReader::Pairs metadata, reader.NamedStrings());
    for (size_t i = 0; i < times.count; ++i) {
      ScriptReader::Pairs numbered = metadata;
      for (auto& [name, value] : numbered) value = Numbered(std::move(value), i);
      load.entries.push_back({.stream = *labels_,
                              .time_ns = times.start + static_cast<int64_t>(i) * times.step,
                              .line = Numbered(line, i),
                              .metadata = MakeLabels(numbered)});
    }
    return Status();
  }

  Status Expect(ScriptReader& reader, EvalCommand& eval) {
    const auto expect = [&](std::string text) {
      eval.expected.push_back({.line = line_, .text = std::move(text)});
    };
    if (reader.Peek() == '{') {
      SKALD_ASSIGN_OR_RETURN(labels_, reader.LabelSet());
      return Status();
    }
    if (reader.Take("warning")) {
      SKALD_ASSIGN_OR_RETURN(const std::string text, reader.String());
      expect(ShowWarning(text));
      return Status();
    }
    if (reader.Take("scalar")) {
      SKALD_ASSIGN_OR_RETURN(const double value, reader.Number());
      expect(ShowScalar(value));
      return Status();
    }
    if (!labels_) return reader.Refuse("a label set first");
    if (eval.parameters.instant) {
      SKALD_ASSIGN_OR_RETURN(const double value, reader.Number());
      expect(ShowPoint(*labels_, std::nullopt, value));
      return Status();
    }
    SKALD_ASSIGN_OR_RETURN(const int64_t time, reader.Time());
    if (!reader.AtString()) {
      SKALD_ASSIGN_OR_RETURN(const double value, reader.Number());
      expect(ShowPoint(*labels_, time, value));
      return Status();
    }
    model::ResultEntry entry;
    entry.time_ns = time;
    SKALD_ASSIGN_OR_RETURN(entry.line, reader.String());
    if (reader.Take("meta")) {
      SKALD_ASSIGN_OR_RETURN(entry.structured_metadata, reader.LabelSet());
    }
    if (reader.Take("parsed")) {
      SKALD_ASSIGN_OR_RETURN(entry.parsed, reader.LabelSet());
    }
    expect(ShowEntry(*labels_, entry, eval.parameters.categorize_labels));
    return Status();
  }

  Script script_;
  int line_ = 0;
  int first_line_ = 0;   // Of the lines joined in pending_.
  std::string pending_;  // Lines that are continued.
  std::optional<model::Labels> labels_;
};

}  // namespace

Result<Script> ParseScript(std::string_view text) { return ScriptParser().Parse(text); }

std::string ShowEntry(const model::Labels& labels, const model::ResultEntry& entry,
                      bool categorized) {
  std::string text = labels.ToString() + " " + ShowTime(entry.time_ns) + " " + GoQuote(entry.line);
  if (categorized) {
    text += " meta " + entry.structured_metadata.ToString() + " parsed " + entry.parsed.ToString();
  }
  return text;
}

std::string ShowPoint(const model::Labels& labels, std::optional<int64_t> time_ns, double value) {
  return labels.ToString() + " " + (time_ns ? ShowTime(*time_ns) + " " : "") + ShowNumber(value);
}

std::string ShowScalar(double value) { return "scalar " + ShowNumber(value); }

std::string ShowWarning(std::string_view text) { return "warning " + GoQuote(text); }

}  // namespace skald::test
