#include "patterns/pattern_entry.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "common/split.h"
#include "common/unquote.h"
#include "patterns/entry_level.h"
#include "patterns/internal_entries.h"

namespace skald::patterns {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kEntrySeconds = 60;
constexpr std::string_view kPattern = "detected_pattern";
// Of samples after their entry's time: more than any step, and no sum of it overflows.
constexpr int64_t kMaxOffsetSeconds = int64_t{1} << 32;

template <typename T>
bool ParseNumber(std::string_view text, T& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '-';
}

// Takes name=value and the blank after it from the front of `rest`; false if there is none.
bool TakeField(std::string_view& rest, std::string& name, std::string& value) {
  const size_t equals = rest.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  name = rest.substr(0, equals);
  rest.remove_prefix(equals + 1);
  if (!rest.starts_with('"')) {
    value = rest.substr(0, rest.find(' '));
    rest.remove_prefix(value.size());
  } else {
    size_t end = 1;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) return false;
    Result<std::string> text = GoUnquote(rest.substr(0, end + 1));
    if (!text.ok()) return false;
    value = *std::move(text);
    rest.remove_prefix(end + 1);
  }
  if (rest.empty()) return true;
  if (rest.front() != ' ') return false;
  rest.remove_prefix(1);
  return true;
}

// Takes the value of the field `name`, which must come next.
bool Take(std::string_view& rest, std::string_view name, std::string& value) {
  std::string found;
  return TakeField(rest, found, value) && found == name;
}

template <typename T>
bool TakeNumber(std::string_view& rest, std::string_view name, T& value) {
  std::string text;
  return Take(rest, name, text) && ParseNumber(text, value);
}

bool ParseSamples(std::string_view text, PatternEntry& entry) {
  for (const std::string_view part : SplitAtCommas(text)) {
    const size_t colon = part.find(':');
    if (colon == std::string_view::npos) return false;
    PatternSample sample;
    if (!ParseNumber(part.substr(0, colon), sample.seconds) ||
        !ParseNumber(part.substr(colon + 1), sample.count) || sample.seconds > kMaxOffsetSeconds) {
      return false;
    }
    sample.seconds += entry.seconds;
    entry.samples.push_back(sample);
  }
  return true;
}

bool ParseOrigin(std::string_view text, CountOrigin& origin) {
  const size_t first = text.find('-');
  const size_t second = text.find('-', first + 1);
  return first != std::string_view::npos && second != std::string_view::npos &&
         ParseNumber(text.substr(0, first), origin.run, 16) &&
         ParseNumber(text.substr(first + 1, second - first - 1), origin.id) &&
         ParseNumber(text.substr(second + 1), origin.batch);
}

std::string OriginText(const CountOrigin& origin) {
  char run[16];
  const auto end = std::to_chars(run, run + sizeof(run), origin.run, 16).ptr;
  return std::string(run, end) + "-" + std::to_string(origin.id) + "-" +
         std::to_string(origin.batch);
}

}  // namespace

int64_t StepSeconds(const Limits& limits) {
  constexpr int64_t kStep = StepCounts::kStepSeconds;
  const int64_t seconds = limits.pattern_persistence_granularity.count() / kSecondNs;
  return std::clamp(seconds - seconds % kStep, kStep, kMaxEntrySeconds);
}

int64_t EntrySeconds(const Limits& limits) { return std::max(StepSeconds(limits), kEntrySeconds); }

std::string FormatPatternEntry(const PatternEntry& entry) {
  uint64_t count = 0;
  std::string samples;
  for (const PatternSample& sample : entry.samples) {
    if (!samples.empty()) samples += ',';
    samples += std::to_string(sample.seconds - entry.seconds) + ":" + std::to_string(sample.count);
    count += sample.count;
  }
  std::string line;
  AppendField(line, "ts", std::to_string(entry.seconds * kSecondNs));
  AppendField(line, "count", std::to_string(count));
  AppendField(line, "step", std::to_string(entry.step_seconds));
  AppendField(line, "samples", samples);
  AppendField(line, "written_as", OriginText(entry.origin));
  AppendField(line, kDetectedLevel, entry.level);
  AppendField(line, kPattern, entry.pattern);
  if (!entry.labels.empty()) line.append(" ").append(entry.labels);
  return line;
}

std::string FieldsOf(const model::Labels& labels) {
  std::string text;
  for (const model::LabelView& label : labels) AppendField(text, label.name, label.value);
  return text;
}

bool ParsePatternEntry(std::string_view line, PatternEntry& entry) {
  entry = PatternEntry();
  int64_t time_ns = 0;
  uint64_t count = 0;
  std::string samples;
  std::string origin;
  if (!TakeNumber(line, "ts", time_ns) || !TakeNumber(line, "count", count) ||
      !TakeNumber(line, "step", entry.step_seconds) || !Take(line, "samples", samples) ||
      !Take(line, "written_as", origin) || !Take(line, kDetectedLevel, entry.level) ||
      !Take(line, kPattern, entry.pattern)) {
    return false;
  }
  entry.seconds = time_ns / kSecondNs;
  entry.labels = line;
  return entry.step_seconds > 0 && entry.step_seconds <= kMaxOffsetSeconds &&
         ParseSamples(samples, entry) && ParseOrigin(origin, entry.origin);
}

bool ParseFields(std::string_view text, model::Labels& labels) {
  std::vector<std::pair<std::string, std::string>> fields;
  while (!text.empty()) {
    auto& [name, value] = fields.emplace_back();
    if (!TakeField(text, name, value)) return false;
  }
  std::vector<model::LabelView> views;
  for (const auto& [name, value] : fields) views.push_back({name, value});
  labels = model::Labels(std::move(views));
  return true;
}

}  // namespace skald::patterns
