#include "net/response_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "common/compress.h"

namespace skald::net {
namespace {

// Level 1 takes a third of the default's time for answers some 15 % larger.
constexpr int kGzipLevel = 1;

void AppendClean(std::string_view text, std::string& out) {
  const size_t begin = out.size();
  out.append(text);
  std::replace_if(
      out.begin() + static_cast<ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  AppendClean(name, out);
  out.append(": ");
  AppendClean(value, out);
  out.append("\r\n");
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string HttpDate(int64_t now_ns) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = now_ns / 1'000'000'000;
  tm utc = {};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                                 kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900,
                                 utc.tm_hour, utc.tm_min, utc.tm_sec);
  return std::string(text.data(), static_cast<size_t>(size));
}

}  // namespace

void CompressBody(std::string_view accept_encoding, size_t min_bytes, Response& response) {
  if (!response.compressible || response.headers.Has("Content-Encoding")) {
    return;
  }
  response.headers.Add("Vary", "Accept-Encoding");
  if (response.body.size() < min_bytes || !AcceptsGzip(accept_encoding)) {
    return;
  }
  std::string packed;
  Compress(Codec::kGzip, response.body, packed, kGzipLevel);
  response.body = std::move(packed);
  response.headers.Add("Content-Encoding", "gzip");
}

std::string WriteHead(const Response& response, const HeadOptions& options) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(ReasonPhrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    AppendField(name, value, out);
  }
  AppendField("Date", HttpDate(options.now_ns), out);
  if (MayHaveBody(response.status)) {
    AppendField("Content-Length", std::to_string(response.body.size()), out);
  }
  if (!options.keep_alive) {
    AppendField("Connection", "close", out);
  } else if (options.is_http_1_0) {
    AppendField("Connection", "keep-alive", out);
  }
  return out.append("\r\n");
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view ReasonPhrase(int status) {
  static constexpr std::pair<int, std::string_view> kPhrases[] = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Request Entity Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Entity"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  const auto* const found = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                         [&](const auto& entry) { return entry.first == status; });
  return found == std::end(kPhrases) ? "Unknown" : found->second;
}

}  // namespace skald::net
