#include "wire/result_json.h"

#include <charconv>
#include <string_view>
#include <variant>

#include "common/json_writer.h"
#include "common/piecewise_append.h"
#include "wire/rfc3339.h"
#include "wire/stats_json.h"

namespace skald::wire {
namespace {

template <typename Int>
void AppendInt(std::string& out, Int value) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

// "structuredMetadata":{...} and "parsed":{...}, each only if it has members.
void AppendCategories(const model::ResultEntry& entry, std::string& out) {
  out.push_back('{');
  if (!entry.structured_metadata.empty()) {
    out.append("\"structuredMetadata\":");
    AppendLabels(entry.structured_metadata, out);
  }
  if (!entry.parsed.empty()) {
    if (!entry.structured_metadata.empty()) out.push_back(',');
    out.append("\"parsed\":");
    AppendLabels(entry.parsed, out);
  }
  out.push_back('}');
}

// Room for the entries of `stream` as JSON, so that the answer grows in few steps.
void ReserveFor(const model::ResultStream& stream, std::string& out) {
  constexpr size_t kAroundEntry = 32;  // ["<19 digits>","..."],
  size_t bytes = 0;
  for (const model::ResultEntry& entry : stream.entries) {
    bytes += entry.line.size() + entry.line.size() / 8 + kAroundEntry;
  }
  if (out.capacity() - out.size() < bytes) out.reserve(2 * (out.size() + bytes));
}

void AppendEntries(const model::ResultStream& stream, bool categorized, std::string& out) {
  ReserveFor(stream, out);
  out.push_back('[');
  bool first = true;
  for (const model::ResultEntry& entry : stream.entries) {
    out.append(first ? "[\"" : ",[\"");
    first = false;
    AppendInt(out, entry.time_ns);
    out.append("\",");
    AppendJsonString(out, entry.line);
    if (categorized) {
      out.push_back(',');
      AppendCategories(entry, out);
    }
    out.push_back(']');
  }
  out.push_back(']');
}

void AppendStreams(std::span<const model::ResultStream> streams, bool categorized,
                   std::string& out) {
  out.push_back('[');
  bool first = true;
  for (const model::ResultStream& stream : streams) {
    out.append(first ? "{\"stream\":" : ",{\"stream\":");
    first = false;
    AppendLabels(stream.labels, out);
    out.append(",\"values\":");
    AppendEntries(stream, categorized, out);
    out.push_back('}');
  }
  out.push_back(']');
}

// Seconds with as many digits of milliseconds as needed.
void AppendSeconds(std::string& out, int64_t time_ms) {
  if (time_ms < 0) out.push_back('-');
  const uint64_t magnitude =
      time_ms < 0 ? 0 - static_cast<uint64_t>(time_ms) : static_cast<uint64_t>(time_ms);
  AppendInt(out, magnitude / 1000);
  const auto millis = static_cast<unsigned>(magnitude % 1000);
  if (millis == 0) return;
  const char digits[] = {'.', static_cast<char>('0' + millis / 100),
                         static_cast<char>('0' + millis / 10 % 10),
                         static_cast<char>('0' + millis % 10)};
  out.append(digits, millis % 100 == 0 ? 2 : millis % 10 == 0 ? 3 : 4);
}

// [<seconds>,"<value>"]
void AppendPoint(const model::Point& point, std::string& out) {
  out.push_back('[');
  AppendSeconds(out, point.time_ms);
  out.append(",\"");
  AppendSampleValue(out, point.value);
  out.append("\"]");
}

void AppendMatrix(const model::Matrix& matrix, std::string& out) {
  out.push_back('[');
  bool first = true;
  for (const model::Series& series : matrix.series) {
    out.append(first ? "{\"metric\":" : ",{\"metric\":");
    first = false;
    AppendLabels(series.labels, out);
    out.append(",\"values\":[");
    for (size_t i = 0; i < series.points.size(); ++i) {
      if (i > 0) out.push_back(',');
      AppendPoint(series.points[i], out);
    }
    out.append("]}");
  }
  out.push_back(']');
}

void AppendVector(const model::Vector& vector, std::string& out) {
  out.push_back('[');
  bool first = true;
  for (const model::Series& sample : vector.samples) {
    if (sample.points.empty()) continue;
    out.append(first ? "{\"metric\":" : ",{\"metric\":");
    first = false;
    AppendLabels(sample.labels, out);
    out.append(",\"value\":");
    AppendPoint(sample.points.front(), out);
    out.push_back('}');
  }
  out.push_back(']');
}

// Compat: milliseconds, where the points of a matrix have seconds.
void AppendScalar(const model::Scalar& scalar, std::string& out) {
  out.push_back('[');
  AppendInt(out, scalar.point.time_ms);
  out.append(",\"");
  AppendSampleValue(out, scalar.point.value);
  out.append("\"]");
}

void AppendStringArray(std::span<const std::string> texts, std::string& out) {
  out.push_back('[');
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonString(out, texts[i]);
  }
  out.push_back(']');
}

void AppendWarnings(std::span<const std::string> warnings, std::string& out) {
  if (warnings.empty()) return;
  out.append(",\"warnings\":");
  AppendStringArray(warnings, out);
}

// {"streams":[{"labels":"{...}","entries":[{"ts":"...","line":"..."}, ...]}, ...]
void AppendLegacyStreams(std::span<const model::ResultStream> streams, std::string& out) {
  out.append("{\"streams\":[");
  bool first_stream = true;
  for (const model::ResultStream& stream : streams) {
    out.append(first_stream ? "{\"labels\":" : ",{\"labels\":");
    first_stream = false;
    AppendJsonString(out, stream.labels.ToString());
    out.append(",\"entries\":[");
    bool first_entry = true;
    for (const model::ResultEntry& entry : stream.entries) {
      out.append(first_entry ? "{\"ts\":\"" : ",{\"ts\":\"");
      first_entry = false;
      AppendRfc3339Nano(out, entry.time_ns);
      out.append("\",\"line\":");
      AppendJsonString(out, entry.line);
      if (!entry.parsed.empty()) {
        out.append(",\"parsed\":");
        AppendLabels(entry.parsed, out);
      }
      out.push_back('}');
    }
    out.append("]}");
  }
  out.push_back(']');
}

// A label of an object, with a comma before all but the first.
void AppendLabel(const model::LabelView& label, bool first, std::string& out) {
  if (!first) out.push_back(',');
  AppendJsonString(out, label.name);
  out.push_back(':');
  AppendJsonString(out, label.value);
}

// Appends label sets, with a comma before all but the first of the list.
void AppendSome(const model::SeriesList& series, size_t begin, size_t end, std::string& out) {
  // Fetched so far ahead that they are there in time: sorted ones lie anywhere.
  constexpr size_t kAhead = 8;
  for (size_t i = begin; i < end; ++i) {
    series.Prefetch(i + kAhead);
    out.append(i > 0 ? ",{" : "{");
    model::LabelView label;
    bool first = true;
    for (model::SeriesList::Reader reader(series, i); reader.Next(label); first = false) {
      AppendLabel(label, first, out);
    }
    out.push_back('}');
  }
}

}  // namespace

void AppendLabels(const model::Labels& labels, std::string& out) {
  out.push_back('{');
  bool first = true;
  for (const model::LabelView& label : labels) {
    AppendLabel(label, first, out);
    first = false;
  }
  out.push_back('}');
}

void AppendQueryResponse(const model::QueryResult& result, const model::ScanStats& stats,
                         std::string& out) {
  out.append("{\"status\":\"success\"");
  const auto* streams = std::get_if<model::Streams>(&result.data);
  if (streams != nullptr) AppendWarnings(result.warnings, out);
  out.append(",\"data\":{\"resultType\":");
  if (streams != nullptr) {
    out.append("\"streams\"");
    if (!result.encoding_flags.empty()) {
      out.append(",\"encodingFlags\":");
      AppendStringArray(result.encoding_flags, out);
    }
    out.append(",\"result\":");
    AppendStreams(streams->streams, result.categorized, out);
  } else if (const auto* matrix = std::get_if<model::Matrix>(&result.data)) {
    out.append("\"matrix\",\"result\":");
    AppendMatrix(*matrix, out);
  } else if (const auto* vector = std::get_if<model::Vector>(&result.data)) {
    out.append("\"vector\",\"result\":");
    AppendVector(*vector, out);
  } else {
    out.append("\"scalar\",\"result\":");
    AppendScalar(std::get<model::Scalar>(result.data), out);
  }
  out.append(",\"stats\":");
  AppendStats(result.summary, stats, out);
  out.push_back('}');
  if (streams == nullptr) AppendWarnings(result.warnings, out);
  out.append(streams != nullptr ? "}\n" : "}");
}

void AppendLegacyQueryResponse(const model::QueryResult& result, const model::ScanStats& stats,
                               std::string& out) {
  AppendLegacyStreams(std::get<model::Streams>(result.data).streams, out);
  out.append(",\"stats\":");
  AppendStats(result.summary, stats, out);
  out.append("}\n");
}

void AppendLabelsResponse(std::span<const std::string> names, std::string& out) {
  out.append("{\"status\":\"success\"");
  if (!names.empty()) {
    out.append(",\"data\":");
    AppendStringArray(names, out);
  }
  out.append("}\n");
}

Status AppendLabelsResponse(const TextList& values, const LongList& list, std::string& out) {
  out.append("{\"status\":\"success\"");
  if (!values.empty()) {
    out.append(",\"data\":");
    SKALD_RETURN_IF_ERROR(AppendJsonStrings(out, values, list.cancel, list.workers));
  }
  out.append("}\n");
  return {};
}

Status AppendSeriesResponse(const model::SeriesList& series, const LongList& list,
                            std::string& out) {
  constexpr size_t kSeriesAtOnce = 8192;
  out.append("{\"status\":\"success\",\"data\":[");
  SKALD_RETURN_IF_ERROR(AppendPiecewise(
      series.size(), kSeriesAtOnce, list.cancel, list.workers, out,
      [&](size_t begin, size_t end, std::string& to) { AppendSome(series, begin, end, to); }));
  out.append("]}\n");
  return {};
}

void AppendTailFrame(std::span<const model::ResultStream> streams,
                     std::span<const DroppedEntry> dropped, bool categorized, std::string& out) {
  out.append("{\"streams\":");
  AppendStreams(streams, categorized, out);
  if (!dropped.empty()) {
    out.append(",\"dropped_entries\":[");
    for (size_t i = 0; i < dropped.size(); ++i) {
      out.append(i > 0 ? ",{\"timestamp\":\"" : "{\"timestamp\":\"");
      AppendInt(out, dropped[i].time_ns);
      out.append("\",\"labels\":");
      AppendLabels(dropped[i].labels, out);
      out.push_back('}');
    }
    out.push_back(']');
  }
  if (categorized) out.append(",\"encodingFlags\":[\"categorize-labels\"]");
  out.push_back('}');
}

void AppendLegacyTailFrame(std::span<const model::ResultStream> streams,
                           std::span<const DroppedEntry> dropped, std::string& out) {
  AppendLegacyStreams(streams, out);
  out.append(",\"dropped_entries\":");
  if (dropped.empty()) {
    out.append("null}");
    return;
  }
  for (size_t i = 0; i < dropped.size(); ++i) {
    out.append(i > 0 ? ",{\"Timestamp\":\"" : "[{\"Timestamp\":\"");
    AppendRfc3339Nano(out, dropped[i].time_ns);
    out.append("\",\"Labels\":");
    AppendJsonString(out, dropped[i].labels.ToString());
    out.push_back('}');
  }
  out.append("]}");
}

}  // namespace skald::wire
