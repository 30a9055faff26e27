#include "wire/otlp_request.h"

#include <utility>

#include "common/bytes.h"
#include "common/compress.h"
#include "common/utf8.h"
#include "wire/otlp_logs.h"
#include "wire/otlp_logs_json.h"

namespace skald::wire {
namespace {

Status TooLarge(std::string_view what, size_t size, size_t limit) {
  return ResourceExhausted("request body too large: " + std::string(what) +
                           " size too large than max (" + std::to_string(size) + " vs " +
                           std::to_string(limit) + ")");
}

Result<Codec> CodecOf(std::string_view encoding) {
  if (encoding.empty()) return Codec::kNone;
  if (encoding == "gzip") return Codec::kGzip;
  if (encoding == "zstd") return Codec::kZstd;
  if (encoding == "lz4") return Codec::kLz4Frame;
  return InvalidArgument("unsupported content encoding " + std::string(encoding) +
                         ": only gzip, lz4 and zstd are supported");
}

Result<std::string> Unpack(const OtlpHeaders& headers, std::string body) {
  SKALD_ASSIGN_OR_RETURN(const Codec codec, CodecOf(headers.content_encoding));
  if (body.size() > headers.max_body_bytes) {
    return TooLarge("message", body.size(), headers.max_body_bytes);
  }
  if (codec == Codec::kNone) return body;
  std::string unpacked;
  const size_t limit = headers.max_decompressed_bytes;
  Status status = Decompress(codec, body, limit, unpacked);
  if (status.code() == StatusCode::kResourceExhausted) {
    return TooLarge("decompressed message", limit + 1, limit);
  }
  if (!status.ok()) return status;
  return unpacked;
}

}  // namespace

Result<model::PushBatch> DecodeOtlpRequest(const OtlpHeaders& headers, std::string body,
                                           const OtlpMapping& mapping, int64_t now_ns) {
  // Compat: parameters and other spellings of the media types are refused.
  const bool json = headers.content_type == "application/json";
  if (!json && headers.content_type != "application/x-protobuf") {
    return InvalidArgument("content type: " + std::string(headers.content_type) +
                           " is not supported");
  }
  SKALD_ASSIGN_OR_RETURN(std::string message, Unpack(headers, std::move(body)));
  if (json) {
    SKALD_ASSIGN_OR_RETURN(message, OtlpLogsJsonToProto(std::move(message)));
  }
  return DecodeOtlpLogs(std::move(message), mapping, now_ns);
}

std::string OtlpErrorBody(std::string_view message) {
  constexpr char kMessageTag = 2 << 3 | 2;
  std::string text;
  AppendValidUtf8(text, message);
  std::string body(1, kMessageTag);
  PutLengthPrefixed(body, text);
  return body;
}

}  // namespace skald::wire
