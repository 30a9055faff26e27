// RequestParser and form decoding on hostile bytes: no crash, and one reading of a request whether
// it comes whole or in pieces. The first byte of an input is the size of the pieces.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_types.h"
#include "net/request_parser.h"

namespace {

using skald::net::RequestParser;

constexpr size_t kMaxHeaderBytes = 4096;
constexpr uint64_t kMaxBodyBytes = 1 << 20;

bool Ended(const RequestParser& parser) {
  return parser.state() == RequestParser::State::kDone ||
         parser.state() == RequestParser::State::kFailed;
}

// Feeds `text` as a connection would and returns how much of it was used.
size_t Feed(RequestParser& parser, std::string_view text, size_t piece) {
  std::string waiting;
  size_t used = 0;
  bool limited = false;
  for (size_t at = 0; at < text.size() && !Ended(parser); at += piece) {
    waiting.append(text.substr(at, piece));
    for (size_t step = 1; step != 0 && !Ended(parser);) {
      step = parser.Put(waiting);
      waiting.erase(0, step);
      used += step;
      if (!limited && parser.state() == RequestParser::State::kBody) {
        parser.LimitBody(kMaxBodyBytes);
        limited = true;
      }
    }
  }
  return used;
}

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t piece = data[0] + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

  RequestParser whole(kMaxHeaderBytes);
  const size_t whole_used = Feed(whole, text, text.size() + 1);
  RequestParser pieces(kMaxHeaderBytes);
  const size_t pieces_used = Feed(pieces, text, piece);
  Check((whole.state() == RequestParser::State::kDone) ==
        (pieces.state() == RequestParser::State::kDone));
  if (whole.state() == RequestParser::State::kDone) {
    Check(whole_used == pieces_used);
    Check(whole.request().method == pieces.request().method);
    Check(whole.request().target == pieces.request().target);
    Check(whole.request().headers.size() == pieces.request().headers.size());
    Check(whole.request().body == pieces.request().body);
    Check(whole.keep_alive() == pieces.keep_alive());
    static_cast<void>(skald::net::ParseForm(whole.request()));
  }
  return 0;
}
