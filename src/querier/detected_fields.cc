#include "querier/detected_fields.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "common/duration.h"
#include "common/hash.h"
#include "logql/stages/auto_parse_stage.h"
#include "logql/stages/json_scalars.h"
#include "logql/stages/value_text.h"
#include "model/entry_block.h"

namespace skald::querier {
namespace {

constexpr std::string_view kExtractedSuffix = "_extracted";

// What is known of one field.
struct Field {
  StringMap<uint64_t> values;  // To how many entries have them.
  uint64_t entries = 0;
  uint64_t last_entry = 0;  // Number of the entry counted last.
  int64_t oldest_ns = std::numeric_limits<int64_t>::max();
  logql::ValueType type = logql::ValueType::kString;
  bool json = false;
  bool logfmt = false;
  std::vector<std::string> json_path;
};

bool IsErrorName(std::string_view name) {
  return name.starts_with(logql::kErrorLabel) || name.starts_with(logql::kErrorDetailsLabel);
}

// Lines as a block whose rows are the entries in their order. Structured metadata is left out, so
// that it takes no names away from what lines hold.
model::EntryBlock BlockOf(std::span<const model::ResultEntry> entries) {
  model::EntryBlock block;
  for (const model::ResultEntry& entry : entries) {
    block.times.push_back(entry.time_ns);
    block.lines.Append(entry.line);
  }
  block.seqs.resize(entries.size());
  return block;
}

// Looks at entries and counts what they hold.
//
// Threads: not synchronised.
class FieldFinder {
 public:
  FieldFinder() : parser_(logql::LabelNeeds(), slice_.labels()) {}

  void AddStream(const model::ResultStream& stream) {
    std::span<const model::ResultEntry> rest = stream.entries;
    while (!rest.empty()) {
      const auto entries = rest.first(std::min(rest.size(), logql::kSliceRows));
      AddEntries(stream.labels, entries);
      rest = rest.subspan(entries.size());
    }
  }

  StringMap<Field>& fields() { return fields_; }

 private:
  void AddEntries(const model::Labels& stream, std::span<const model::ResultEntry> entries) {
    const model::EntryBlock block = BlockOf(entries);
    std::vector<uint32_t> rows(entries.size());
    std::iota(rows.begin(), rows.end(), uint32_t{0});
    slice_.BeginBatch(stream, block);
    slice_.BeginSlice(rows);
    parser_.Run(slice_);
    for (size_t i = 0; i < entries.size(); ++i) {
      AddEntry(entries[i], i);
    }
  }

  void AddEntry(const model::ResultEntry& entry, size_t i) {
    ++entry_number_;
    paths_listed_ = false;
    for (const model::LabelView label : entry.structured_metadata) {
      Add(label.name, label.value, entry);
    }
    const bool json = parser_.IsJson(i);
    const logql::LabelColumns& labels = slice_.labels();
    for (const logql::Slot slot : labels.active()) {
      std::string_view value;
      logql::LabelCategory category;
      if (labels.Find(slot, i, value, category) && category == logql::LabelCategory::kParsed) {
        AddParsed(labels.name(slot), value, entry, json);
      }
    }
    for (const model::LabelView label : entry.parsed) {
      AddParsed(label.name, label.value, entry, json);
    }
  }

  void AddParsed(std::string_view name, std::string_view value, const model::ResultEntry& entry,
                 bool json) {
    Field* field = Add(name, value, entry);
    if (field == nullptr) {
      return;
    }
    (json ? field->json : field->logfmt) = true;
    if (json && field->json_path.empty()) {
      field->json_path = PathOf(name, entry.line);
    }
  }

  // Null for a name that is no field.
  Field* Add(std::string_view name, std::string_view value, const model::ResultEntry& entry) {
    if (IsErrorName(name)) {
      return nullptr;
    }
    Field& field = fields_[name];
    if (entry.time_ns <= field.oldest_ns) {
      field.oldest_ns = entry.time_ns;
      field.type = logql::TypeOfValue(value);
    }
    field.entries += field.last_entry == entry_number_ ? 0 : 1;
    field.last_entry = entry_number_;
    ++field.values[value];
    return &field;
  }

  // The keys of a label that `| json` makes of the line; empty if it makes none.
  std::vector<std::string> PathOf(std::string_view name, const std::string& line) {
    if (!paths_listed_) {
      scalars_ = logql::ListJsonScalars(line);
      paths_listed_ = true;
    }
    for (const logql::JsonScalar& scalar : scalars_) {
      if (scalar.label == name) {
        return scalar.path;
      }
    }
    // A name that the stream has as well.
    return name.ends_with(kExtractedSuffix)
               ? PathOf(name.substr(0, name.size() - kExtractedSuffix.size()), line)
               : std::vector<std::string>();
  }

  logql::RowSlice slice_;
  logql::AutoParseStage parser_;
  StringMap<Field> fields_;

  // Of the entry at hand.
  uint64_t entry_number_ = 0;
  bool paths_listed_ = false;
  std::vector<logql::JsonScalar> scalars_;
};

StringMap<Field> FindFields(const model::Streams& streams) {
  FieldFinder finder;
  for (const model::ResultStream& stream : streams.streams) {
    finder.AddStream(stream);
  }
  return std::move(finder.fields());
}

// Compat: sizes are shown rounded, in the largest unit, if the field is one of sizes.
std::string ShownValue(const std::string& value, logql::ValueType type) {
  uint64_t bytes = 0;
  const bool size = type == logql::ValueType::kBytes && logql::ParseBytesText(value, bytes);
  return size ? FormatHumanBytes(bytes) : value;
}

}  // namespace

std::vector<DetectedField> DetectFields(const model::Streams& streams, size_t limit) {
  StringMap<Field> found = FindFields(streams);
  std::vector<std::pair<uint64_t, std::string>> by_entries;
  for (const auto& [name, field] : found) {
    by_entries.emplace_back(std::numeric_limits<uint64_t>::max() - field.entries, name);
  }
  std::sort(by_entries.begin(), by_entries.end());
  by_entries.resize(std::min(by_entries.size(), limit));
  std::vector<DetectedField> fields;
  for (auto& [rank, name] : by_entries) {
    Field& field = found.find(name)->second;
    fields.push_back({.name = std::move(name),
                      .type = field.type,
                      .cardinality = field.values.size(),
                      .json = field.json,
                      .logfmt = field.logfmt,
                      .json_path = std::move(field.json_path)});
  }
  std::sort(fields.begin(), fields.end(),
            [](const DetectedField& a, const DetectedField& b) { return a.name < b.name; });
  return fields;
}

std::vector<std::string> DetectFieldValues(const model::Streams& streams, std::string_view name,
                                           size_t limit) {
  const StringMap<Field> found = FindFields(streams);
  const auto it = found.find(name);
  if (it == found.end()) {
    return {};
  }
  StringMap<uint64_t> shown;
  for (const auto& [value, count] : it->second.values) {
    shown[ShownValue(value, it->second.type)] += count;
  }
  std::vector<std::pair<uint64_t, std::string>> by_count;
  for (const auto& [value, count] : shown) {
    by_count.emplace_back(std::numeric_limits<uint64_t>::max() - count, value);
  }
  std::sort(by_count.begin(), by_count.end());
  by_count.resize(std::min(by_count.size(), limit));
  std::vector<std::string> values;
  for (auto& [rank, value] : by_count) {
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace skald::querier
