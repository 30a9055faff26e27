#include "wire/push_json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "common/ascii.h"
#include "common/json_writer.h"
#include "wire/batch_arena.h"
#include "wire/json_text.h"
#include "wire/rfc3339.h"

namespace skald::wire {
namespace {

namespace ondemand = simdjson::ondemand;

Status Malformed(simdjson::error_code) { return InvalidArgument("malformed JSON"); }

Status Unexpected(std::string_view what) {
  return InvalidArgument("malformed push: " + std::string(what));
}

// SKALD_ASSIGN_OR_RETURN for what simdjson returns.
#define ASSIGN_JSON_OR_RETURN(lhs, expr)                             \
  auto SKALD_CONCAT_(json_result_, __LINE__) = (expr);               \
  if (SKALD_CONCAT_(json_result_, __LINE__).error()) {               \
    return Malformed(SKALD_CONCAT_(json_result_, __LINE__).error()); \
  }                                                                  \
  lhs = std::move(SKALD_CONCAT_(json_result_, __LINE__)).value_unsafe()

// What both shapes have in common: texts, metadata and the walk over objects and arrays.
class PushJsonReader {
 public:
  explicit PushJsonReader(model::PushBatch& batch) : batch_(batch), arena_(batch) {}

 protected:
  // The text of a raw string; kept apart only if it has escapes.
  Status Text(std::string_view raw, std::string_view& text) {
    if (raw.find('\\') == std::string_view::npos) {
      text = raw;
      return {};
    }
    std::string& room = arena_.Room(raw.size());
    const size_t begin = room.size();
    if (!AppendUnescaped(raw, room)) return Unexpected("invalid escape in a string");
    text = std::string_view(room).substr(begin);
    return {};
  }

  // Requires: `value` is a string.
  Status Text(ondemand::value& value, std::string_view& text) {
    const std::string_view token = TrimJsonEnd(value.raw_json_token());
    if (token.size() < 2 || token.back() != '"') return Malformed(simdjson::STRING_ERROR);
    return Text(token.substr(1, token.size() - 2), text);
  }

  // Calls visit(key, value) for each member.
  template <typename Visit>
  Status ForEachMember(ondemand::object object, const Visit& visit) {
    for (auto result : object) {
      ASSIGN_JSON_OR_RETURN(ondemand::field field, std::move(result));
      std::string_view key;
      SKALD_RETURN_IF_ERROR(Text(RawJsonKey(field.key().raw()), key));
      SKALD_RETURN_IF_ERROR(visit(key, field.value()));
    }
    return {};
  }

  // Calls visit(value, index) for each element.
  template <typename Visit>
  Status ForEachElement(ondemand::array array, const Visit& visit) {
    size_t index = 0;
    for (auto result : array) {
      ASSIGN_JSON_OR_RETURN(ondemand::value value, std::move(result));
      SKALD_RETURN_IF_ERROR(visit(value, index++));
    }
    return {};
  }

  // Reads {"name":"value", ...} as metadata of the entry that comes next.
  Status ReadMetadata(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type != ondemand::json_type::object) {
      return Unexpected("structured metadata must be an object");
    }
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    return ForEachMember(object, [&](std::string_view name, ondemand::value& member) -> Status {
      ASSIGN_JSON_OR_RETURN(const ondemand::json_type member_type, member.type());
      if (member_type != ondemand::json_type::string) {
        return Unexpected("a value of structured metadata must be a string");
      }
      model::MetadataPair pair{.name = name, .value = {}};
      SKALD_RETURN_IF_ERROR(Text(member, pair.value));
      batch_.metadata.push_back(pair);
      return {};
    });
  }

  void BeginEntry() { metadata_begin_ = static_cast<uint32_t>(batch_.metadata.size()); }
  void AddEntry(int64_t time_ns, std::string_view line) {
    batch_.entries.push_back(
        {.time_ns = time_ns,
         .line = line,
         .metadata_begin = metadata_begin_,
         .metadata_count = static_cast<uint32_t>(batch_.metadata.size()) - metadata_begin_});
  }

  void BeginStream() { entry_begin_ = static_cast<uint32_t>(batch_.entries.size()); }
  void AddStream(std::string_view label_text) {
    model::PushStream& stream = batch_.streams.emplace_back();
    stream.label_text = label_text;
    stream.entry_begin = entry_begin_;
    stream.entry_count = static_cast<uint32_t>(batch_.entries.size()) - entry_begin_;
  }

  std::string_view Store(std::string_view text) { return arena_.Store(text); }

 private:
  model::PushBatch& batch_;
  BatchArena arena_;
  uint32_t entry_begin_ = 0;
  uint32_t metadata_begin_ = 0;
};

// {"stream":{"app":"a"},"values":[["<ns>","line",{"name":"value"}], ...]}
class StreamReader : private PushJsonReader {
 public:
  using PushJsonReader::PushJsonReader;

  Status Read(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type != ondemand::json_type::object) return Unexpected("a stream must be an object");
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    BeginStream();
    std::string_view label_text;
    SKALD_RETURN_IF_ERROR(
        ForEachMember(object, [&](std::string_view key, ondemand::value& member) -> Status {
          if (key == "stream") return ReadLabels(member, label_text);
          if (key == "values") return ReadValues(member);
          return {};
        }));
    AddStream(label_text);
    return {};
  }

 private:
  Status ReadLabels(ondemand::value& value, std::string_view& label_text) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type != ondemand::json_type::object) return Unexpected("\"stream\" must be an object");
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    labels_.clear();
    SKALD_RETURN_IF_ERROR(
        ForEachMember(object, [&](std::string_view name, ondemand::value& member) -> Status {
          model::LabelView& label = labels_.emplace_back(model::LabelView{name, {}});
          return ReadLabelValue(member, label.value);
        }));
    label_text = LabelText();
    return {};
  }

  // Compat: a value that is no string counts as its JSON text.
  Status ReadLabelValue(ondemand::value& value, std::string_view& text) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::string) return Text(value, text);
    if (type == ondemand::json_type::object) {
      ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
      ASSIGN_JSON_OR_RETURN(text, object.raw_json());
    } else if (type == ondemand::json_type::array) {
      ASSIGN_JSON_OR_RETURN(ondemand::array array, value.get_array());
      ASSIGN_JSON_OR_RETURN(text, array.raw_json());
    } else {
      text = value.raw_json_token();
    }
    text = TrimJsonEnd(text);
    return {};
  }

  // labels_ as {a="b", c="d"}, sorted, so that one set of labels has one text. Of equal names the
  // last wins, as in any JSON object.
  std::string_view LabelText() {
    std::stable_sort(labels_.begin(), labels_.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    text_ = "{";
    for (size_t i = 0; i < labels_.size(); ++i) {
      if (i + 1 < labels_.size() && labels_[i].name == labels_[i + 1].name) continue;
      if (text_.size() > 1) text_ += ", ";
      text_ += labels_[i].name;
      text_ += '=';
      AppendGoQuoted(text_, labels_[i].value);
    }
    text_ += '}';
    return Store(text_);
  }

  Status ReadValues(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::null) return {};
    if (type != ondemand::json_type::array) return Unexpected("\"values\" must be an array");
    ASSIGN_JSON_OR_RETURN(ondemand::array array, value.get_array());
    return ForEachElement(array, [&](ondemand::value& entry, size_t) { return ReadEntry(entry); });
  }

  Status ReadEntry(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::null) return {};
    if (type != ondemand::json_type::array) return Unexpected("an entry must be an array");
    ASSIGN_JSON_OR_RETURN(ondemand::array array, value.get_array());
    BeginEntry();
    int64_t time_ns = 0;
    std::string_view line;
    bool has_time = false;
    SKALD_RETURN_IF_ERROR(
        ForEachElement(array, [&](ondemand::value& element, size_t index) -> Status {
          switch (index) {
            case 0:
              has_time = true;
              return ReadTime(element, time_ns);
            case 1:
              return ReadLine(element, line);
            case 2:
              return ReadMetadata(element);
            default:
              return {};
          }
        }));
    if (!has_time) return Unexpected("an entry has no timestamp");
    AddEntry(time_ns, line);
    return {};
  }

  Status ReadTime(ondemand::value& value, int64_t& time_ns) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    std::string_view text;
    if (type == ondemand::json_type::string) SKALD_RETURN_IF_ERROR(Text(value, text));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time_ns);
    constexpr size_t kMaxChars = 20;  // A sign and 19 digits.
    const bool sign = !text.empty() && text.front() == '-';
    if (error != std::errc() || end != text.data() + text.size() ||
        text.size() > kMaxChars - (sign ? 0 : 1)) {
      return Unexpected("a timestamp must be a string of decimal nanoseconds");
    }
    return {};
  }

  Status ReadLine(ondemand::value& value, std::string_view& line) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type != ondemand::json_type::string) return Unexpected("a line must be a string");
    return Text(value, line);
  }

  std::vector<model::LabelView> labels_;
  std::string text_;
};

// {"labels":"{app=\"a\"}","entries":[{"ts":"...","line":"...","structuredMetadata":{...}}, ...]}
class LegacyStreamReader : private PushJsonReader {
 public:
  using PushJsonReader::PushJsonReader;

  Status Read(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::null) {
      BeginStream();
      AddStream({});
      return {};
    }
    if (type != ondemand::json_type::object) return Unexpected("a stream must be an object");
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    BeginStream();
    std::string_view label_text;
    SKALD_RETURN_IF_ERROR(
        ForEachMember(object, [&](std::string_view key, ondemand::value& member) -> Status {
          if (EqualsIgnoringCase(key, "labels")) return ReadText(member, label_text);
          if (EqualsIgnoringCase(key, "entries")) return ReadEntries(member);
          return {};
        }));
    AddStream(label_text);
    return {};
  }

 private:
  // A string, or null for an empty one.
  Status ReadText(ondemand::value& value, std::string_view& text) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::null) return {};
    if (type != ondemand::json_type::string) return Unexpected("a string was expected");
    return Text(value, text);
  }

  Status ReadEntries(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type == ondemand::json_type::null) return {};
    if (type != ondemand::json_type::array) return Unexpected("\"entries\" must be an array");
    ASSIGN_JSON_OR_RETURN(ondemand::array array, value.get_array());
    return ForEachElement(array, [&](ondemand::value& entry, size_t) { return ReadEntry(entry); });
  }

  Status ReadEntry(ondemand::value& value) {
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, value.type());
    if (type != ondemand::json_type::object) return Unexpected("an entry must be an object");
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    BeginEntry();
    std::string_view time;
    std::string_view line;
    SKALD_RETURN_IF_ERROR(
        ForEachMember(object, [&](std::string_view key, ondemand::value& member) -> Status {
          if (EqualsIgnoringCase(key, "ts")) return ReadText(member, time);
          if (EqualsIgnoringCase(key, "line")) return ReadText(member, line);
          if (EqualsIgnoringCase(key, "structuredmetadata")) return ReadMetadata(member);
          return {};
        }));
    if (time.empty()) return Unexpected("an entry has no timestamp");
    SKALD_ASSIGN_OR_RETURN(const int64_t time_ns, ParseRfc3339(time));
    AddEntry(time_ns, line);
    return {};
  }
};

// Reads the outermost object, each element of its "streams" by a `StreamReader`.
template <typename Reader>
Status ReadPush(ondemand::parser& parser, const std::string& text, model::PushBatch& batch) {
  const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
  ASSIGN_JSON_OR_RETURN(ondemand::document document, parser.iterate(padded));
  ASSIGN_JSON_OR_RETURN(const ondemand::json_type type, document.type());
  if (type == ondemand::json_type::null) return {};
  if (type != ondemand::json_type::object) return Unexpected("not an object");
  ASSIGN_JSON_OR_RETURN(ondemand::object object, document.get_object());
  Reader reader(batch);
  for (auto result : object) {
    ASSIGN_JSON_OR_RETURN(ondemand::field field, std::move(result));
    std::string key;
    if (!AppendUnescaped(RawJsonKey(field.key().raw()), key))
      return Unexpected("invalid escape in a key");
    if (!EqualsIgnoringCase(key, "streams")) continue;
    ASSIGN_JSON_OR_RETURN(const ondemand::json_type streams_type, field.value().type());
    if (streams_type == ondemand::json_type::null) continue;
    if (streams_type != ondemand::json_type::array) {
      return Unexpected("\"streams\" must be an array");
    }
    ASSIGN_JSON_OR_RETURN(ondemand::array streams, field.value().get_array());
    for (auto stream_result : streams) {
      ASSIGN_JSON_OR_RETURN(ondemand::value stream, std::move(stream_result));
      SKALD_RETURN_IF_ERROR(reader.Read(stream));
    }
  }
  return {};
}

template <typename Reader>
Result<model::PushBatch> Decode(std::string text) {
  // A parser keeps its index, some bytes for each of the text: worth it for pushes of usual size.
  constexpr size_t kMaxKept = 4 << 20;
  thread_local ondemand::parser kept;
  ondemand::parser once;
  ondemand::parser& parser = text.size() <= kMaxKept ? kept : once;

  model::PushBatch batch;
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  batch.buffers.push_back(std::move(text));
  Status status = ReadPush<Reader>(parser, batch.buffers.front(), batch);
  if (status.ok()) return batch;

  std::string mended = MendJson(batch.buffers.front());
  if (mended == batch.buffers.front()) return status;
  model::PushBatch second;
  mended.reserve(mended.size() + simdjson::SIMDJSON_PADDING);
  second.buffers.push_back(std::move(mended));
  SKALD_RETURN_IF_ERROR(ReadPush<Reader>(parser, second.buffers.front(), second));
  return second;
}

}  // namespace

Result<model::PushBatch> DecodePushJson(std::string text) {
  return Decode<StreamReader>(std::move(text));
}

Result<model::PushBatch> DecodeLegacyPushJson(std::string text) {
  return Decode<LegacyStreamReader>(std::move(text));
}

}  // namespace skald::wire
