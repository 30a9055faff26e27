#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "common/status.h"

namespace skald::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

// More is reserved only after so much of a body has come: a header alone must not pin memory.
constexpr uint64_t kReserveAtOnce = 8 << 20;

// Real clients send some ten fields, proxies add a few.
constexpr size_t kMaxFields = 1000;

// Bytes of a chunk's size line, or of the trailers, that may wait for their end.
constexpr size_t kMaxChunkFraming = 64 << 10;

std::string_view View(Text text) { return {text.data(), text.size()}; }

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string BodyTooLargeText(uint64_t bytes, uint64_t max_bytes) {
  return "request body too large: message size too large than max (" + std::to_string(bytes) +
         " vs " + std::to_string(max_bytes) + ")";
}

struct RequestParser::Rep final : http::basic_parser<true> {
  void Fail(int status, std::string message) {
    if (state != State::kFailed) {
      state = State::kFailed;
      error = {status, std::move(message)};
    }
  }

  // Fails, and makes the parser give up.
  void Fail(int status, std::string message, error_code& ec) {
    Fail(status, std::move(message));
    ec = http::error::bad_value;
  }

  void FailWith(const error_code& ec) {
    if (ec == http::error::header_limit) {
      Fail(431,
           "request header too large: more than " + std::to_string(max_header_bytes) + " bytes");
    } else if (ec == http::error::bad_version) {
      Fail(400, "malformed request: bad version");
    } else {
      Fail(400, "malformed request: " + ec.message());
    }
  }

  void SplitTarget() {
    std::string_view rest = request.target;
    if (rest.substr(0, 1) != "/") {
      // "http://host/path", which proxies send, and "*".
      const size_t authority = rest.find("://");
      const size_t slash =
          authority == std::string_view::npos ? authority : rest.find('/', authority + 3);
      rest = slash == std::string_view::npos ? rest : rest.substr(slash);
    }
    const size_t mark = rest.find('?');
    request.path = rest.substr(0, mark);
    request.query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
  }

  // Fails if `more` bytes would not fit into the body.
  bool CheckRoom(uint64_t more, error_code& ec) {
    const uint64_t size = request.body.size();
    if (more <= max_body_bytes - size) {
      return true;
    }
    const uint64_t most = std::numeric_limits<uint64_t>::max();
    Fail(413, BodyTooLargeText(more > most - size ? most : size + more, max_body_bytes), ec);
    return false;
  }

  void Append(std::string_view bytes, error_code& ec) {
    std::string& body = request.body;
    if (!CheckRoom(bytes.size(), ec)) {
      return;
    }
    if (body.size() + bytes.size() > body.capacity() && this->content_length()) {
      body.reserve(*this->content_length());
    }
    body.append(bytes);
  }

  void on_request_impl(http::verb, Text method, Text target, int version, error_code& ec) override {
    request.method = View(method);
    request.target = View(target);
    http_1_0 = version == 10;
    SplitTarget();
    if (request.path.empty() || (request.path[0] != '/' && request.target != "*")) {
      Fail(400, "malformed request: bad target", ec);
    }
  }

  void on_response_impl(int, Text, int, error_code&) override {}

  void on_field_impl(http::field name, Text name_text, Text value, error_code& ec) override {
    if (state != State::kHeader) {
      return;  // A trailer: nothing that we serve looks at them.
    }
    if (request.headers.size() == kMaxFields) {
      return Fail(
          431, "request header too large: more than " + std::to_string(kMaxFields) + " fields", ec);
    }
    if (name == http::field::transfer_encoding) {
      if (http_1_0) {
        return Fail(400, "malformed request: transfer encoding in HTTP/1.0", ec);
      }
      if (!boost::beast::iequals(value, "chunked")) {
        return Fail(501, "unsupported transfer encoding", ec);
      }
    } else if (name == http::field::content_length && !IsNumber(View(value))) {
      return Fail(400, "malformed request: bad Content-Length", ec);
    } else if (name == http::field::host && request.headers.Has("Host")) {
      return Fail(400, "malformed request: more than one Host field", ec);
    }
    request.headers.Add(View(name_text), View(value));
  }

  void on_header_impl(error_code& ec) override {
    if (!http_1_0 && !request.headers.Has("Host")) {
      return Fail(400, "malformed request: no Host field", ec);
    }
    state = State::kBody;
  }

  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    if (length) {
      request.body.reserve(std::min(*length, kReserveAtOnce));
    }
  }

  size_t on_body_impl(Text bytes, error_code& ec) override {
    Append(View(bytes), ec);
    return bytes.size();
  }

  void on_chunk_header_impl(uint64_t size, Text, error_code& ec) override { CheckRoom(size, ec); }

  size_t on_chunk_body_impl(uint64_t, Text bytes, error_code& ec) override {
    Append(View(bytes), ec);
    return bytes.size();
  }

  void on_finish_impl(error_code&) override {}

  State state = State::kHeader;
  Error error;
  Request request;
  bool http_1_0 = false;
  size_t max_header_bytes = 0;
  uint64_t max_body_bytes = std::numeric_limits<uint64_t>::max();
};

RequestParser::RequestParser(size_t max_header_bytes) : rep_(std::make_unique<Rep>()) {
  rep_->max_header_bytes = max_header_bytes;
  rep_->header_limit(static_cast<uint32_t>(
      std::min<size_t>(max_header_bytes, std::numeric_limits<uint32_t>::max())));
  rep_->body_limit(boost::none);
}

RequestParser::~RequestParser() = default;

size_t RequestParser::Put(std::string_view bytes) {
  Rep& rep = *rep_;
  size_t used = 0;
  while (used < bytes.size() && (rep.state == State::kHeader || rep.state == State::kBody)) {
    const State before = rep.state;
    error_code ec;
    // Without `eager` the parser stops after the header and after each piece of a body.
    const size_t step =
        rep.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
    used += step;
    if (ec == http::error::need_more) {
      if (before == State::kBody && bytes.size() - used > kMaxChunkFraming) {
        rep.Fail(400, "malformed request: chunk framing too long");
      }
      break;
    }
    if (ec) {
      rep.FailWith(ec);
      break;
    }
    if (rep.state == State::kBody && rep.is_done()) {
      rep.state = State::kDone;
    } else if (rep.state != before) {
      break;  // The header is complete: the caller may want to limit the body.
    }
  }
  return used;
}

void RequestParser::LimitBody(uint64_t max_bytes) {
  SKALD_DCHECK(rep_->request.body.empty());
  rep_->max_body_bytes = max_bytes;
  if (rep_->state == State::kBody && content_length().value_or(0) > max_bytes) {
    rep_->Fail(413, BodyTooLargeText(*content_length(), max_bytes));
  }
}

RequestParser::State RequestParser::state() const { return rep_->state; }

const RequestParser::Error& RequestParser::error() const { return rep_->error; }

Request& RequestParser::request() { return rep_->request; }

std::optional<uint64_t> RequestParser::content_length() const {
  const auto length = rep_->content_length();
  return length ? std::optional<uint64_t>(*length) : std::nullopt;
}

bool RequestParser::keep_alive() const { return rep_->keep_alive(); }

bool RequestParser::is_http_1_0() const { return rep_->http_1_0; }

bool RequestParser::expects_continue() const {
  return rep_->request.headers.HasToken("Expect", "100-continue");
}

}  // namespace skald::net
