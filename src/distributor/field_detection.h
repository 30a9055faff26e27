#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "distributor/field_names.h"
#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::distributor {

inline constexpr std::string_view kServiceNameLabel = "service_name";
inline constexpr std::string_view kDetectedLevel = "detected_level";

// The value for `service_name` of a stream that has none: of the first label of `candidates` that
// it has, else "unknown_service".
std::string_view DiscoverServiceName(const model::Labels& labels,
                                     std::span<const std::string> candidates);

// Finds what goes into the metadata `detected_level` of an entry. Sources in their order: metadata
// detected_level, the stream's labels, metadata, severity_number, the line as JSON or logfmt, words
// of the line.
//
// Threads: immutable once built.
class LevelDetector {
 public:
  // `fields`: names of labels, metadata and members that hold a level, by precedence. A JSON
  // line is searched `max_json_depth` levels deep; 0: without limit.
  LevelDetector(std::vector<std::string> fields, size_t max_json_depth);

  // The level that a stream's labels give to all of its entries. Texts that mean no known level
  // are returned as they are, pointing into `labels`.
  std::optional<std::string_view> FromLabels(const model::Labels& labels) const;

  // The level of an entry of a stream for which FromLabels found `of_stream`. What is returned
  // points into the metadata or into static memory.
  // Requires: no pair is named detected_level.
  std::string_view Detect(std::optional<std::string_view> of_stream,
                          std::span<const model::MetadataPair> metadata,
                          std::string_view line) const;

 private:
  std::optional<std::string_view> FromMetadata(std::span<const model::MetadataPair> metadata) const;
  std::string_view FromLine(std::string_view line) const;

  FieldNames fields_;
  size_t max_json_depth_;
};

// The value of the first of `hints` that names a label, metadata, a member of the line as JSON
// (`a.b` for one within another) or a logfmt key; empty if none does.
std::string_view FindGenericField(std::span<const std::string> hints, const model::Labels& labels,
                                  std::span<const model::MetadataPair> metadata,
                                  std::string_view line);

// `text` as the level's usual name, if it means one; else as it is.
std::string_view NormalizeLevel(std::string_view text);

}  // namespace skald::distributor
