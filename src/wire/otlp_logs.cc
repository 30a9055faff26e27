#include "wire/otlp_logs.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/otlp_attributes.h"
#include "wire/otlp_streams.h"
#include "wire/otlp_value.h"
#include "wire/proto_reader.h"

namespace skald::wire {
namespace {

// The messages, as far as they matter here (numbers are fields, those with * may repeat):
//
//   ExportLogsServiceRequest  1: ResourceLogs*
//   ResourceLogs  1: Resource  2: ScopeLogs*  1000: ScopeLogs* of exporters before 2022
//   Resource      1: KeyValue*
//   ScopeLogs     1: Scope  2: LogRecord*
//   Scope         1: name  2: version  3: KeyValue*  4: dropped attributes
//   LogRecord     1: time (fixed64)  2: severity  3: its text  5: body (AnyValue)  6: KeyValue*
//                 7: dropped attributes  8: flags (fixed32)  9: trace id  10: span id
//                 11: observed time (fixed64)  12: event name
constexpr uint32_t kOldScopeLogs = 1000;
constexpr size_t kTraceIdBytes = 16;
constexpr size_t kSpanIdBytes = 8;
constexpr std::string_view kServiceName = "service_name";

// A resource's attributes are repeated for each record: a small message must not fill the memory.
// Ordinary ones grow about tenfold.
constexpr size_t kMaxGrowth = 64;
constexpr size_t kFreeBytes = 16 << 20;

Status Malformed(std::string_view what) {
  return InvalidArgument("proto: malformed " + std::string(what));
}

// A record's own fields; attributes go straight to the batch.
struct Record {
  uint64_t time_ns = 0;
  uint64_t observed_ns = 0;
  int32_t severity = 0;
  std::string_view severity_text;
  OtlpValue body;
  uint32_t dropped = 0;
  uint32_t flags = 0;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view event_name;
};

class LogsReader {
 public:
  LogsReader(const OtlpMapping& mapping, int64_t now_ns, size_t max_bytes, model::PushBatch& batch)
      : mapping_(mapping),
        now_ns_(now_ns),
        batch_(batch),
        attributes_(mapping, max_bytes, batch),
        streams_(batch) {}

  Status Read(std::string_view message);

 private:
  using Place = OtlpAttributes::Place;

  Status ReadResourceLogs(std::string_view bytes);
  Status ReadResource(std::string_view bytes);
  Status ReadScopeLogs(std::string_view bytes);
  Status ReadScope(std::string_view bytes);
  Status ReadRecord(std::string_view bytes);
  Result<Record> ReadFields(std::string_view bytes);

  void AddServiceName();
  Status AddRecord(const Record& record, uint32_t metadata_begin);
  void AddFields(const Record& record);
  uint32_t StreamOfRecord();

  const OtlpMapping& mapping_;
  const int64_t now_ns_;
  model::PushBatch& batch_;
  OtlpAttributes attributes_;
  OtlpStreams streams_;
  // Of the resource, the scope and the record at hand.
  OtlpPairs resource_labels_;
  bool service_name_discovered_ = false;
  OtlpPairs resource_metadata_;
  OtlpPairs scope_metadata_;
  OtlpPairs record_labels_;
  std::optional<uint32_t> resource_stream_;  // Of records without labels of their own.
};

Status LogsReader::Read(std::string_view message) {
  ProtoReader reader(message);
  while (reader.Next()) {
    if (reader.field() == 1) {
      SKALD_RETURN_IF_ERROR(ReadResourceLogs(reader.Bytes()));
    } else {
      reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("export request");
  streams_.Finish();
  return {};
}

// Twice over the fields: the resource may stand behind its records.
Status LogsReader::ReadResourceLogs(std::string_view bytes) {
  resource_labels_.clear();
  resource_metadata_.clear();
  resource_stream_.reset();
  ProtoReader resources(bytes);
  while (resources.Next()) {
    if (resources.field() == 1) {
      SKALD_RETURN_IF_ERROR(ReadResource(resources.Bytes()));
    } else {
      resources.Skip();
    }
  }
  if (resources.failed()) return Malformed("resource logs");
  AddServiceName();
  ProtoReader scopes(bytes);
  while (scopes.Next()) {
    if (scopes.field() == 2 || scopes.field() == kOldScopeLogs) {
      SKALD_RETURN_IF_ERROR(ReadScopeLogs(scopes.Bytes()));
    } else {
      scopes.Skip();
    }
  }
  return scopes.failed() ? Malformed("resource logs") : Status();
}

Status LogsReader::ReadResource(std::string_view bytes) {
  ProtoReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1) {
      SKALD_RETURN_IF_ERROR(
          attributes_.Add(Place::kResource, reader.Bytes(), resource_labels_, resource_metadata_));
    } else {
      reader.Skip();
    }
  }
  return reader.failed() ? Malformed("resource") : Status();
}

// As above: the scope may stand behind its records.
Status LogsReader::ReadScopeLogs(std::string_view bytes) {
  scope_metadata_.clear();
  ProtoReader scopes(bytes);
  while (scopes.Next()) {
    if (scopes.field() == 1) {
      SKALD_RETURN_IF_ERROR(ReadScope(scopes.Bytes()));
    } else {
      scopes.Skip();
    }
  }
  if (scopes.failed()) return Malformed("scope logs");
  ProtoReader records(bytes);
  while (records.Next()) {
    if (records.field() == 2) {
      SKALD_RETURN_IF_ERROR(ReadRecord(records.Bytes()));
    } else {
      records.Skip();
    }
  }
  return records.failed() ? Malformed("scope logs") : Status();
}

Status LogsReader::ReadScope(std::string_view bytes) {
  std::string_view name;
  std::string_view version;
  uint32_t dropped = 0;
  OtlpPairs no_labels;  // Rules for scopes have no index_label.
  ProtoReader reader(bytes);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        name = reader.Bytes();
        break;
      case 2:
        version = reader.Bytes();
        break;
      case 3:
        SKALD_RETURN_IF_ERROR(
            attributes_.Add(Place::kScope, reader.Bytes(), no_labels, scope_metadata_));
        break;
      case 4:
        dropped = static_cast<uint32_t>(reader.Number());
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("scope");
  if (!name.empty()) scope_metadata_.push_back({"scope_name", name});
  if (!version.empty()) scope_metadata_.push_back({"scope_version", version});
  if (dropped != 0) {
    scope_metadata_.push_back({"scope_dropped_attributes_count", attributes_.Decimal(dropped)});
  }
  return {};
}

Status LogsReader::ReadRecord(std::string_view bytes) {
  const auto metadata_begin = static_cast<uint32_t>(batch_.metadata.size());
  record_labels_.clear();
  SKALD_ASSIGN_OR_RETURN(const Record record, ReadFields(bytes));
  return AddRecord(record, metadata_begin);
}

Result<Record> LogsReader::ReadFields(std::string_view bytes) {
  Record record;
  ProtoReader reader(bytes);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        record.time_ns = reader.Fixed64();
        break;
      case 2:
        record.severity = static_cast<int32_t>(reader.Number());
        break;
      case 3:
        record.severity_text = reader.Bytes();
        break;
      case 5: {
        SKALD_ASSIGN_OR_RETURN(record.body, ReadOtlpValue(reader.Bytes()));
        break;
      }
      case 6:
        SKALD_RETURN_IF_ERROR(
            attributes_.Add(Place::kRecord, reader.Bytes(), record_labels_, batch_.metadata));
        break;
      case 7:
        record.dropped = static_cast<uint32_t>(reader.Number());
        break;
      case 8:
        record.flags = reader.Fixed32();
        break;
      case 9:
        record.trace_id = reader.Bytes();
        break;
      case 10:
        record.span_id = reader.Bytes();
        break;
      case 11:
        record.observed_ns = reader.Fixed64();
        break;
      case 12:
        record.event_name = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
  if (reader.failed()) return Malformed("log record");
  if (!record.trace_id.empty() && record.trace_id.size() != kTraceIdBytes) {
    return InvalidArgument("a trace id must have 16 bytes, not " +
                           std::to_string(record.trace_id.size()));
  }
  if (!record.span_id.empty() && record.span_id.size() != kSpanIdBytes) {
    return InvalidArgument("a span id must have 8 bytes, not " +
                           std::to_string(record.span_id.size()));
  }
  return record;
}

Status LogsReader::AddRecord(const Record& record, uint32_t metadata_begin) {
  const uint64_t time_ns = record.time_ns != 0 ? record.time_ns : record.observed_ns;
  if (time_ns > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return InvalidArgument("timestamp out of range: " + std::to_string(time_ns));
  }
  SKALD_ASSIGN_OR_RETURN(const std::string_view line, attributes_.Text(record.body));
  AddFields(record);
  SKALD_RETURN_IF_ERROR(attributes_.Charge((resource_metadata_.size() + scope_metadata_.size()) *
                                           sizeof(model::MetadataPair)));
  OtlpPairs& metadata = batch_.metadata;
  metadata.insert(metadata.end(), resource_metadata_.begin(), resource_metadata_.end());
  metadata.insert(metadata.end(), scope_metadata_.begin(), scope_metadata_.end());
  if (mapping_.severity_text_as_label() && !record.severity_text.empty()) {
    record_labels_.push_back({"severity_text", record.severity_text});
  }
  if (!record_labels_.empty()) {
    SKALD_RETURN_IF_ERROR(attributes_.Charge(resource_labels_.size() * sizeof(model::LabelView)));
  }
  streams_.Add(StreamOfRecord(),
               {.time_ns = time_ns != 0 ? static_cast<int64_t>(time_ns) : now_ns_,
                .line = line,
                .metadata_begin = metadata_begin,
                .metadata_count = static_cast<uint32_t>(metadata.size()) - metadata_begin});
  return {};
}

// What the record says besides its body and its attributes.
void LogsReader::AddFields(const Record& record) {
  const auto add = [this](std::string_view name, std::string_view value) {
    batch_.metadata.push_back({name, value});
  };
  if (record.time_ns != 0 && record.observed_ns != 0) {
    add("observed_timestamp", attributes_.Store(std::to_string(record.observed_ns)));
  }
  if (record.severity != 0) add("severity_number", attributes_.Decimal(record.severity));
  if (!record.severity_text.empty()) add("severity_text", record.severity_text);
  if (record.dropped != 0) add("dropped_attributes_count", attributes_.Decimal(record.dropped));
  if (record.flags != 0) add("flags", attributes_.Decimal(record.flags));
  const auto is_set = [](std::string_view id) {
    return id.find_first_not_of('\0') != std::string_view::npos;
  };
  if (is_set(record.trace_id)) add("trace_id", attributes_.Hex(record.trace_id));
  if (is_set(record.span_id)) add("span_id", attributes_.Hex(record.span_id));
  if (!record.event_name.empty()) add("event_name", record.event_name);
}

uint32_t LogsReader::StreamOfRecord() {
  if (record_labels_.empty()) {
    if (!resource_stream_) {
      resource_stream_ =
          streams_.StreamOf(model::Labels(resource_labels_), service_name_discovered_);
    }
    return *resource_stream_;
  }
  OtlpPairs labels = resource_labels_;
  labels.insert(labels.end(), record_labels_.begin(), record_labels_.end());
  return streams_.StreamOf(model::Labels(std::move(labels)), service_name_discovered_);
}

// Labels of records come too late for this: the name is the resource's.
void LogsReader::AddServiceName() {
  const std::vector<std::string>& candidates = mapping_.discover_service_name();
  const auto value_of = [this](std::string_view name) {
    const auto label = std::find_if(resource_labels_.rbegin(), resource_labels_.rend(),
                                    [&](const auto& pair) { return pair.name == name; });
    return label == resource_labels_.rend() ? std::string_view() : label->value;
  };
  service_name_discovered_ = !candidates.empty() && value_of(kServiceName).empty();
  if (!service_name_discovered_) return;
  std::string_view found = "unknown_service";
  for (const std::string& candidate : candidates) {
    if (const std::string_view value = value_of(candidate); !value.empty()) {
      found = value;
      break;
    }
  }
  resource_labels_.push_back({kServiceName, found});
}

}  // namespace

Result<model::PushBatch> DecodeOtlpLogs(std::string message, const OtlpMapping& mapping,
                                        int64_t now_ns) {
  model::PushBatch batch;
  const std::string_view bytes = batch.buffers.emplace_back(std::move(message));
  LogsReader reader(mapping, now_ns, kFreeBytes + kMaxGrowth * bytes.size(), batch);
  SKALD_RETURN_IF_ERROR(reader.Read(bytes));
  return batch;
}

}  // namespace skald::wire
