#include "wire/push_request.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "common/ascii.h"
#include "common/bytes.h"
#include "common/compress.h"
#include "wire/push_json.h"
#include "wire/push_proto.h"

namespace skald::wire {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// RFC 2045's tspecials.
bool IsSpecialChar(char c) {
  return std::string_view("()<>@,;:\\\"/[]?=").find(c) != std::string_view::npos;
}

// Whether `c` may be part of a name in a header (RFC 2045's token).
bool IsTokenChar(char c) { return c > ' ' && c < 0x7f && !IsSpecialChar(c); }

std::string_view TakeToken(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && IsTokenChar(text[length])) ++length;
  const std::string_view token = text.substr(0, length);
  text.remove_prefix(length);
  return token;
}

// Takes a token or a quoted text off the front, without its quotes. False when there is neither.
bool TakeParameterValue(std::string_view& text, std::string& value) {
  if (text.empty() || text.front() != '"') {
    value = TakeToken(text);
    return !value.empty();
  }
  value.clear();
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    // Compat: elsewhere a backslash is one, as browsers once sent paths.
    if (text[i] == '\\' && i + 1 < text.size() && IsSpecialChar(text[i + 1])) ++i;
    value += text[i];
  }
  return false;
}

// Checks "; name=value" again and again. A lone semicolon at the end is let pass, and a name that
// comes again with the value it had.
Status CheckParameters(std::string_view text) {
  const Status invalid = InvalidArgument("mime: invalid media parameter");
  std::map<std::string, std::string> values;
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    if (text.front() != ';') return invalid;
    text = Trim(text.substr(1));
    if (text.empty()) break;
    const std::string name = LowerCase(TakeToken(text));
    if (name.empty()) return invalid;
    text = Trim(text);
    if (text.empty() || text.front() != '=') return invalid;
    text = Trim(text.substr(1));
    std::string value;
    if (!TakeParameterValue(text, value)) return invalid;
    const auto [known, added] = values.emplace(name, value);
    if (!added && known->second != value) {
      return InvalidArgument("mime: duplicate parameter name");
    }
  }
  return {};
}

Status TooLarge(std::string_view what, size_t size, size_t limit) {
  return ResourceExhausted("request body too large: " + std::string(what) +
                           " size too large than max (" + std::to_string(size) + " vs " +
                           std::to_string(limit) + ")");
}

// Whether the bytes begin with zlib's header (RFC 1950). In raw DEFLATE such a first byte would
// be a stored block with its padding set, which no encoder writes.
bool HasZlibHeader(std::string_view bytes) {
  constexpr uint8_t kMethodMask = 0x0f;
  constexpr uint8_t kDeflateMethod = 8;
  return !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & kMethodMask) == kDeflateMethod;
}

Status Inflate(const PushHeaders& headers, std::string_view body, std::string& out) {
  const bool gzip = headers.content_encoding == "gzip";
  // Compat: `deflate` means RFC 1951 here, without zlib's wrapper.
  if (!gzip && HasZlibHeader(body)) return InvalidArgument("deflate: corrupt input");
  const size_t limit = headers.max_decompressed_bytes;
  Status status = Decompress(gzip ? Codec::kGzip : Codec::kDeflate, body, limit, out);
  if (status.code() == StatusCode::kResourceExhausted) {
    return TooLarge("decompressed message", limit + 1, limit);
  }
  return status;
}

Result<model::PushBatch> DecodeJson(const PushHeaders& headers, std::string body) {
  const auto decode = headers.legacy ? &DecodeLegacyPushJson : &DecodePushJson;
  // Compat: JSON is never snappy-compressed, even where the header says so.
  if (headers.content_encoding.empty() || headers.content_encoding == "snappy") {
    return decode(std::move(body));
  }
  std::string text;
  Status status = Inflate(headers, body, text);
  if (status.ok()) return decode(std::move(text));
  if (status.code() != StatusCode::kInvalidArgument) return status;
  // Damage behind the end of the JSON does no harm: a missing checksum, text after it.
  Result<model::PushBatch> batch = decode(std::move(text));
  if (!batch.ok()) return status;
  return batch;
}

Result<model::PushBatch> DecodeSnappyProto(std::string block, size_t limit) {
  std::string message;
  const Status status = Decompress(Codec::kSnappy, block, limit, message);
  if (status.code() == StatusCode::kResourceExhausted) {
    return TooLarge("decompressed message", ByteReader(block).Varint(), limit);
  }
  if (!status.ok()) return InvalidArgument("snappy: corrupt input");
  SKALD_ASSIGN_OR_RETURN(model::PushBatch batch, DecodePushProto(std::move(message)));
  batch.packed = std::move(block);
  return batch;
}

Result<model::PushBatch> DecodeProto(const PushHeaders& headers, std::string body) {
  const size_t limit = headers.max_decompressed_bytes;
  if (headers.content_encoding.empty() || headers.content_encoding == "snappy") {
    return DecodeSnappyProto(std::move(body), limit);
  }
  std::string block;
  SKALD_RETURN_IF_ERROR(Inflate(headers, body, block));
  return DecodeSnappyProto(std::move(block), limit);
}

}  // namespace

Result<bool> IsJsonMediaType(std::string_view content_type) {
  const size_t semicolon = std::min(content_type.find(';'), content_type.size());
  std::string_view rest = Trim(content_type.substr(0, semicolon));
  const std::string_view media_type = rest;
  if (TakeToken(rest).empty()) return InvalidArgument("mime: no media type");
  if (!rest.empty()) {
    if (rest.front() != '/') return InvalidArgument("mime: expected slash after first token");
    rest.remove_prefix(1);
    if (TakeToken(rest).empty()) return InvalidArgument("mime: expected token after slash");
    if (!rest.empty()) return InvalidArgument("mime: unexpected content after media subtype");
  }
  SKALD_RETURN_IF_ERROR(CheckParameters(content_type.substr(semicolon)));
  return EqualsIgnoringCase(media_type, "application/json");
}

Result<model::PushBatch> DecodePush(const PushHeaders& headers, std::string body) {
  SKALD_ASSIGN_OR_RETURN(const bool json, IsJsonMediaType(headers.content_type));
  constexpr std::string_view kEncodings[] = {"", "gzip", "deflate", "snappy"};
  if (std::find(std::begin(kEncodings), std::end(kEncodings), headers.content_encoding) ==
      std::end(kEncodings)) {
    return InvalidArgument("Content-Encoding \"" + std::string(headers.content_encoding) +
                           "\" not supported");
  }
  if (body.size() > headers.max_body_bytes) {
    return TooLarge("message", body.size(), headers.max_body_bytes);
  }
  return json ? DecodeJson(headers, std::move(body)) : DecodeProto(headers, std::move(body));
}

}  // namespace skald::wire
