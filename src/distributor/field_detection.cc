#include "distributor/field_detection.h"

#include <charconv>
#include <utility>

#include "distributor/level_words.h"
#include "distributor/line_fields.h"

namespace skald::distributor {
namespace {

constexpr std::string_view kSeverityNumber = "severity_number";

// OpenTelemetry's severity numbers, four to a level.
std::string_view LevelOfSeverityNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return LevelName(Level::kInfo);
  if (number == 0 || number > 24) return LevelName(Level::kUnknown);
  constexpr Level kByFours[] = {Level::kTrace, Level::kDebug, Level::kInfo,
                                Level::kWarn,  Level::kError, Level::kFatal};
  return LevelName(number < 0 ? Level::kTrace : kByFours[(number - 1) / 4]);
}

}  // namespace

std::string_view DiscoverServiceName(const model::Labels& labels,
                                     std::span<const std::string> candidates) {
  for (const std::string& name : candidates) {
    const std::string_view value = labels.Get(name);
    if (!value.empty()) return value;
  }
  return "unknown_service";
}

std::string_view NormalizeLevel(std::string_view text) {
  const Level level = ParseLevel(text);
  return level == Level::kUnknown ? text : LevelName(level);
}

std::string_view FindGenericField(std::span<const std::string> hints, const model::Labels& labels,
                                  std::span<const model::MetadataPair> metadata,
                                  std::string_view line) {
  const bool json = LooksLikeJsonObject(line);
  for (const std::string& hint : hints) {
    if (const std::string_view value = labels.Get(hint); !value.empty()) return value;
    for (const model::MetadataPair& pair : metadata) {
      if (pair.name == hint) return pair.value;
    }
    const std::string_view value = json ? FindJsonPath(line, hint) : FindLogfmtKey(line, hint);
    if (!value.empty()) return value;
  }
  return {};
}

LevelDetector::LevelDetector(std::vector<std::string> fields, size_t max_json_depth)
    : fields_(std::move(fields)), max_json_depth_(max_json_depth) {}

std::optional<std::string_view> LevelDetector::FromLabels(const model::Labels& labels) const {
  for (const std::string& field : fields_.names()) {
    if (labels.Has(field)) return NormalizeLevel(labels.Get(field));
  }
  return std::nullopt;
}

std::optional<std::string_view> LevelDetector::FromMetadata(
    std::span<const model::MetadataPair> metadata) const {
  const model::MetadataPair* found = nullptr;
  const model::MetadataPair* severity_number = nullptr;
  size_t found_place = fields_.names().size();
  for (const model::MetadataPair& pair : metadata) {
    if (pair.name == kSeverityNumber) severity_number = &pair;
    const std::optional<size_t> place = fields_.Find(pair.name);
    if (place && *place < found_place) {
      found = &pair;
      found_place = *place;
    }
  }
  if (found != nullptr) return NormalizeLevel(found->value);
  if (severity_number != nullptr) return LevelOfSeverityNumber(severity_number->value);
  return std::nullopt;
}

std::string_view LevelDetector::FromLine(std::string_view line) const {
  std::string_view value;
  if (LooksLikeJsonObject(line)) {
    value = FindJsonField(line, fields_, max_json_depth_);
  } else {
    value = FindLogfmtField(line, fields_);
  }
  const Level level = value.empty() ? Level::kUnknown : ParseLevel(value);
  return LevelName(level != Level::kUnknown ? level : FindLevelWord(line));
}

std::string_view LevelDetector::Detect(std::optional<std::string_view> of_stream,
                                       std::span<const model::MetadataPair> metadata,
                                       std::string_view line) const {
  if (of_stream) return *of_stream;
  if (!metadata.empty()) {
    if (const auto level = FromMetadata(metadata)) return *level;
  }
  return FromLine(line);
}

}  // namespace skald::distributor
