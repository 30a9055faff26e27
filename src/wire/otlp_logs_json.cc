#include "wire/otlp_logs_json.h"

#include <simdjson.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/base64.h"
#include "common/bytes.h"
#include "wire/json_text.h"
#include "wire/otlp_json_schema.h"
#include "wire/otlp_value.h"

namespace skald::wire {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

using Field = OtlpJsonField;
using Message = OtlpJsonMessage;
using Type = OtlpJsonType;

enum WireType : uint32_t { kVarint = 0, kWireFixed64 = 1, kBytes = 2, kWireFixed32 = 5 };

Status Malformed() { return InvalidArgument("malformed JSON"); }

Status Unexpected(const Field& field, std::string_view wanted) {
  return InvalidArgument("malformed export: " + std::string(field.name) + " must be " +
                         std::string(wanted));
}

// SKALD_ASSIGN_OR_RETURN for what simdjson returns.
#define ASSIGN_JSON_OR_RETURN(lhs, expr)                                 \
  auto SKALD_CONCAT_(json_result_, __LINE__) = (expr);                   \
  if (SKALD_CONCAT_(json_result_, __LINE__).error()) return Malformed(); \
  lhs = std::move(SKALD_CONCAT_(json_result_, __LINE__)).value_unsafe()

// SEVERITY_NUMBER_INFO is 9, SEVERITY_NUMBER_INFO2 is 10. -1 for a name that is none.
int SeverityOfName(std::string_view name) {
  constexpr std::string_view kPrefix = "SEVERITY_NUMBER_";
  constexpr std::string_view kNames[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  constexpr int kSteps = 4;  // TRACE, TRACE2, TRACE3, TRACE4.
  if (!name.starts_with(kPrefix)) return -1;
  name.remove_prefix(kPrefix.size());
  if (name == "UNSPECIFIED") return 0;
  int first = 1;
  for (const std::string_view severity : kNames) {
    if (name == severity) return first;
    if (name.size() == severity.size() + 1 && name.starts_with(severity) && name.back() >= '2' &&
        name.back() <= '4') {
      return first + (name.back() - '1');
    }
    first += kSteps;
  }
  return -1;
}

bool DecodeHex(std::string_view text, std::string& out) {
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(&text[i], &text[i] + 2, byte, 16);
    if (error != std::errc() || end != &text[i] + 2) return false;
    out.push_back(static_cast<char>(byte));
  }
  return true;
}

// Messages in messages that translating may meet, which it does by recursion: a map takes three of
// them for a level of values, and some more are around the first.
constexpr int kMaxMessageDepth = 3 * kMaxOtlpDepth + 20;

// Writes the message while it walks the JSON.
class Translator {
 public:
  explicit Translator(std::string& out) : out_(out) {}

  Status WriteObject(ondemand::object object, const Message& message);

 private:
  Status WriteMember(const Field& field, ondemand::value value);
  Status WriteMessage(const Field& field, ondemand::value& value, json_type type);
  Status WriteMessages(const Field& field, ondemand::value& value, json_type type);
  Status WriteText(const Field& field, ondemand::value& value, json_type type);
  Status WriteNumber(const Field& field, ondemand::value& value, json_type type);
  Status WriteSeverity(const Field& field, ondemand::value& value, json_type type);
  // The characters of a number, or of a text that should be one.
  template <typename Number>
  Status Parse(const Field& field, ondemand::value& value, json_type type, Number& number);

  void Tag(const Field& field, WireType type) { PutVarint(out_, field.number << 3 | type); }
  size_t Begin(const Field& field);
  void End(size_t begin);

  std::string& out_;
  std::string text_;
  int depth_ = 0;  // Of messages in messages.
};

// Room for a length that is only known at the end: a varint of five bytes, whatever it says.
constexpr size_t kLengthBytes = 5;

size_t Translator::Begin(const Field& field) {
  Tag(field, kBytes);
  out_.append(kLengthBytes, '\0');
  return out_.size();
}

void Translator::End(size_t begin) {
  size_t length = out_.size() - begin;
  char* p = out_.data() + begin - kLengthBytes;
  for (size_t i = 0; i + 1 < kLengthBytes; ++i, length >>= 7) {
    p[i] = static_cast<char>(length | 0x80);
  }
  p[kLengthBytes - 1] = static_cast<char>(length);
}

Status Translator::WriteObject(ondemand::object object, const Message& message) {
  for (auto result : object) {
    ASSIGN_JSON_OR_RETURN(ondemand::field member, std::move(result));
    std::string_view key = RawJsonKey(member.key().raw());
    std::string unescaped;
    if (key.find('\\') != std::string_view::npos) {
      if (!AppendUnescapedLossy(key, unescaped)) return Malformed();
      key = unescaped;
    }
    const Field* const field = message.Find(key);
    if (field != nullptr) SKALD_RETURN_IF_ERROR(WriteMember(*field, member.value()));
  }
  return {};
}

Status Translator::WriteMember(const Field& field, ondemand::value value) {
  ASSIGN_JSON_OR_RETURN(const json_type type, value.type());
  switch (field.type) {
    case Type::kText:
    case Type::kBase64:
    case Type::kHexId:
      return WriteText(field, value, type);
    case Type::kSeverity:
      return WriteSeverity(field, value, type);
    case Type::kMessage:
      return WriteMessage(field, value, type);
    case Type::kMessages:
      return WriteMessages(field, value, type);
    case Type::kBool: {
      if (type != json_type::boolean) return Unexpected(field, "true or false");
      ASSIGN_JSON_OR_RETURN(const bool on, value.get_bool());
      Tag(field, kVarint);
      out_.push_back(on ? '\1' : '\0');
      return {};
    }
    default:
      return WriteNumber(field, value, type);
  }
}

// Null is a message without fields.
Status Translator::WriteMessage(const Field& field, ondemand::value& value, json_type type) {
  if (++depth_ > kMaxMessageDepth) {
    return InvalidArgument("values nested more than " + std::to_string(kMaxOtlpDepth) + " deep");
  }
  const size_t begin = Begin(field);
  if (type == json_type::object) {
    ASSIGN_JSON_OR_RETURN(ondemand::object object, value.get_object());
    SKALD_RETURN_IF_ERROR(WriteObject(object, *field.message));
  } else if (type != json_type::null) {
    return Unexpected(field, "an object");
  }
  End(begin);
  --depth_;
  return {};
}

Status Translator::WriteMessages(const Field& field, ondemand::value& value, json_type type) {
  if (type == json_type::null) return {};
  if (type != json_type::array) return Unexpected(field, "an array");
  ASSIGN_JSON_OR_RETURN(ondemand::array array, value.get_array());
  for (auto result : array) {
    ASSIGN_JSON_OR_RETURN(ondemand::value element, std::move(result));
    ASSIGN_JSON_OR_RETURN(const json_type element_type, element.type());
    if (element_type != json_type::object && element_type != json_type::null) {
      return Unexpected(field, "an array of objects");
    }
    SKALD_RETURN_IF_ERROR(WriteMessage(field, element, element_type));
  }
  return {};
}

// Compat: null is no text, but no id either.
Status Translator::WriteText(const Field& field, ondemand::value& value, json_type type) {
  if (type == json_type::null && field.type != Type::kHexId) {
    Tag(field, kBytes);
    PutLengthPrefixed(out_, {});
    return {};
  }
  if (type != json_type::string) return Unexpected(field, "a string");
  const std::string_view token = TrimJsonEnd(value.raw_json_token());
  if (token.size() < 2 || token.back() != '"') return Malformed();
  std::string_view text = token.substr(1, token.size() - 2);
  if (text.find('\\') != std::string_view::npos || field.type != Type::kText) {
    std::string plain;
    if (!AppendUnescapedLossy(text, plain)) return Unexpected(field, "a string of valid escapes");
    text_.clear();
    if (field.type == Type::kText) {
      text_ = std::move(plain);
    } else if (field.type == Type::kHexId) {
      if (!DecodeHex(plain, text_)) return Unexpected(field, "hexadecimal");
    } else if (!DecodeBase64(plain, text_)) {
      return Unexpected(field, "base64");
    }
    text = text_;
  }
  Tag(field, kBytes);
  PutLengthPrefixed(out_, text);
  return {};
}

template <typename Number>
Status Translator::Parse(const Field& field, ondemand::value& value, json_type type,
                         Number& number) {
  const Status unexpected = Unexpected(field, "a number");
  if (type != json_type::number && type != json_type::string) return unexpected;
  std::string_view token = TrimJsonEnd(value.raw_json_token());
  if (type == json_type::string) {
    if (token.size() < 2) return Malformed();
    token = token.substr(1, token.size() - 2);
  }
  const char* const token_end = token.data() + token.size();
  const auto [end, error] = std::from_chars(token.data(), token_end, number);
  return error == std::errc() && end == token_end ? Status() : unexpected;
}

Status Translator::WriteNumber(const Field& field, ondemand::value& value, json_type type) {
  switch (field.type) {
    case Type::kInt64: {
      int64_t number = 0;
      SKALD_RETURN_IF_ERROR(Parse(field, value, type, number));
      Tag(field, kVarint);
      PutVarint(out_, static_cast<uint64_t>(number));
      return {};
    }
    case Type::kFixed64: {
      uint64_t number = 0;
      SKALD_RETURN_IF_ERROR(Parse(field, value, type, number));
      Tag(field, kWireFixed64);
      PutFixed64(out_, number);
      return {};
    }
    case Type::kDouble: {
      double number = 0;
      SKALD_RETURN_IF_ERROR(Parse(field, value, type, number));
      Tag(field, kWireFixed64);
      PutFixed64(out_, std::bit_cast<uint64_t>(number));
      return {};
    }
    default: {
      uint32_t number = 0;
      SKALD_RETURN_IF_ERROR(Parse(field, value, type, number));
      const bool fixed = field.type == Type::kFixed32;
      Tag(field, fixed ? kWireFixed32 : kVarint);
      if (fixed) {
        PutFixed32(out_, number);
      } else {
        PutVarint(out_, number);
      }
      return {};
    }
  }
}

Status Translator::WriteSeverity(const Field& field, ondemand::value& value, json_type type) {
  int32_t number = -1;
  if (type == json_type::string) {
    const std::string_view token = TrimJsonEnd(value.raw_json_token());
    if (token.size() >= 2) number = SeverityOfName(token.substr(1, token.size() - 2));
    if (number < 0) return Unexpected(field, "a number or a name like SEVERITY_NUMBER_INFO");
  } else {
    SKALD_RETURN_IF_ERROR(Parse(field, value, type, number));
  }
  Tag(field, kVarint);
  PutVarint(out_, static_cast<uint64_t>(int64_t{number}));
  return {};
}

Status Translate(ondemand::parser& parser, const std::string& text, std::string& out) {
  // A byte order mark is no JSON, whatever the parser makes of it.
  if (text.starts_with("\xef\xbb\xbf")) return Malformed();
  const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
  ASSIGN_JSON_OR_RETURN(ondemand::document document, parser.iterate(padded));
  ASSIGN_JSON_OR_RETURN(const json_type type, document.type());
  if (type == json_type::null) return {};
  if (type != json_type::object) return InvalidArgument("malformed export: not an object");
  ASSIGN_JSON_OR_RETURN(ondemand::object object, document.get_object());
  return Translator(out).WriteObject(object, kOtlpJsonExport);
}

}  // namespace

Result<std::string> OtlpLogsJsonToProto(std::string text) {
  // A parser keeps its index, some bytes for each of the text: worth it for exports of usual size.
  constexpr size_t kMaxKept = 4 << 20;
  thread_local ondemand::parser kept;
  ondemand::parser once;
  ondemand::parser& parser = text.size() <= kMaxKept ? kept : once;

  std::string message;
  message.reserve(text.size());
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  const Status status = Translate(parser, text, message);
  if (status.ok()) return message;

  std::string mended = MendJson(text);
  if (mended == text) return status;
  message.clear();
  mended.reserve(mended.size() + simdjson::SIMDJSON_PADDING);
  SKALD_RETURN_IF_ERROR(Translate(parser, mended, message));
  return message;
}

}  // namespace skald::wire
