#include "net/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace skald::net {
namespace {

using State = RequestParser::State;
using testing::HasSubstr;

constexpr size_t kMaxHeader = 4096;

// Feeds `text` in pieces of `step` bytes, as a connection would: what is left over comes again
// with more behind it. Returns what was left at the end.
std::string Feed(RequestParser& parser, std::string_view text, size_t step) {
  std::string waiting;
  for (size_t at = 0; at < text.size(); at += step) {
    waiting.append(text.substr(at, step));
    while (!waiting.empty()) {
      const size_t used = parser.Put(waiting);
      waiting.erase(0, used);
      if (used == 0) {
        break;
      }
    }
  }
  return waiting;
}

TEST(RequestParserTest, ReadsARequestCutAnywhere) {
  const std::string text =
      "POST http://h:1/push/a%2Fb?x=1&y=? HTTP/1.1\r\nHost: h\r\nX-A:  1 \r\nx-a: 2\r\n"
      "Content-Length: 5\r\n\r\nhello";
  for (size_t step = 1; step <= text.size(); ++step) {
    SCOPED_TRACE(step);
    RequestParser parser(kMaxHeader);
    EXPECT_EQ(Feed(parser, text, step), "");
    ASSERT_EQ(parser.state(), State::kDone);
    const Request& request = parser.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "http://h:1/push/a%2Fb?x=1&y=?");
    EXPECT_EQ(request.path, "/push/a%2Fb");
    EXPECT_EQ(request.query, "x=1&y=?");
    EXPECT_EQ(request.headers.Get("X-A"), "1");
    EXPECT_EQ(request.headers.size(), 4u);
    EXPECT_EQ(request.body, "hello");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(RequestParserTest, ReadsChunksCutAnywhere) {
  const std::string text =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n1;ext=\"v\"\r\nd\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET /next";
  for (size_t step = 1; step <= text.size(); ++step) {
    SCOPED_TRACE(step);
    RequestParser parser(kMaxHeader);
    EXPECT_EQ(Feed(parser, text, step), "GET /next");
    ASSERT_EQ(parser.state(), State::kDone);
    EXPECT_EQ(parser.request().body, "abcd0123456789");
    EXPECT_FALSE(parser.request().headers.Has("Trailer"));
  }
}

TEST(RequestParserTest, StopsAtTheEndOfTheHeader) {
  RequestParser parser(kMaxHeader);
  const std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.Put(head + "ab"), head.size());
  EXPECT_EQ(parser.state(), State::kBody);
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(parser.content_length(), 2u);
}

TEST(RequestParserTest, LeavesTheNextRequestAlone) {
  RequestParser parser(kMaxHeader);
  const std::string_view text = "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n";
  EXPECT_EQ(text.substr(parser.Put(text)), "GET /b HTTP/1.1\r\n");
  EXPECT_EQ(parser.state(), State::kDone);
}

TEST(RequestParserTest, KnowsWhenTheConnectionEnds) {
  const std::pair<std::string_view, bool> rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
       true}};
  for (const auto& [text, keep_alive] : rows) {
    RequestParser parser(kMaxHeader);
    parser.Put(text);
    ASSERT_EQ(parser.state(), State::kDone) << text;
    EXPECT_EQ(parser.keep_alive(), keep_alive) << text;
  }
}

TEST(RequestParserTest, RefusesWhatCouldBeReadInTwoWays) {
  struct Row {
    std::string_view text;
    int status;
  };
  const Row rows[] = {
      // Two lengths.
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n", 400},
      // Lengths that are no numbers.
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n", 400},
      // Transfer encodings.
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
       "\r\n",
       400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      // Line ends and blanks.
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
      // Hosts.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
  };
  for (const Row& row : rows) {
    RequestParser parser(kMaxHeader);
    Feed(parser, row.text, row.text.size());
    ASSERT_EQ(parser.state(), State::kFailed) << row.text;
    EXPECT_EQ(parser.error().status, row.status) << row.text << parser.error().message;
  }
}

TEST(RequestParserTest, RefusesWhatIsNoRequest) {
  const std::string_view rows[] = {
      "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 TLS\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/1.2\r\n\r\n",
      "GET / HTTP/9\r\n\r\n",
      "GET noslash HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "G{}T / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\nnocolon\r\n\r\n",
  };
  for (const std::string_view text : rows) {
    RequestParser parser(kMaxHeader);
    Feed(parser, text, text.size());
    ASSERT_EQ(parser.state(), State::kFailed) << text;
    EXPECT_EQ(parser.error().status, 400) << text;
  }
}

TEST(RequestParserTest, RefusesBadChunks) {
  const std::string_view bodies[] = {
      "g\r\n",
      "\r\n",
      "-1\r\nx\r\n",
      "3\r\nabcdef\r\n",
      "3\nabc\r\n",
      "FFFFFFFFFFFFFFFFF\r\nx\r\n",
      "1 ;\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n",
  };
  for (const std::string_view body : bodies) {
    RequestParser parser(kMaxHeader);
    Feed(parser,
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body), 7);
    ASSERT_EQ(parser.state(), State::kFailed) << body;
    EXPECT_EQ(parser.error().status, 400) << body;
  }
}

TEST(RequestParserTest, BoundsChunkFraming) {
  RequestParser parser(kMaxHeader);
  const std::string endless = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                              std::string(1 << 20, 'x');
  Feed(parser, endless, 4096);
  ASSERT_EQ(parser.state(), State::kFailed);
  EXPECT_EQ(parser.error().status, 400);
}

TEST(RequestParserTest, BoundsRequestLineAndFields) {
  for (const std::string& text :
       {"GET /" + std::string(kMaxHeader, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(kMaxHeader, 'a') + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(2 * kMaxHeader, 'a')}) {
    for (const size_t step : {size_t{100}, text.size()}) {
      RequestParser parser(kMaxHeader);
      Feed(parser, text, step);
      ASSERT_EQ(parser.state(), State::kFailed);
      EXPECT_EQ(parser.error().status, 431);
      EXPECT_THAT(parser.error().message, HasSubstr("4096"));
    }
  }
}

TEST(RequestParserTest, BoundsTheNumberOfFields) {
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 2000; ++i) {
    text += "a:\r\n";
  }
  RequestParser parser(1 << 20);
  Feed(parser, text + "\r\n", text.size());
  ASSERT_EQ(parser.state(), State::kFailed);
  EXPECT_EQ(parser.error().status, 431);
}

TEST(RequestParserTest, TakesAFieldOfAMebibyte) {
  const std::string value(1 << 20, 'a');
  RequestParser parser((1 << 20) + 4096);
  Feed(parser, "GET / HTTP/1.1\r\nHost: h\r\nX: " + value + "\r\n\r\n", 65536);
  ASSERT_EQ(parser.state(), State::kDone);
  EXPECT_EQ(parser.request().headers.Get("X"), value);
}

TEST(RequestParserTest, RefusesALongBodyByItsHeader) {
  RequestParser parser(kMaxHeader);
  parser.Put("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8193\r\n\r\n");
  parser.LimitBody(8192);
  ASSERT_EQ(parser.state(), State::kFailed);
  EXPECT_EQ(parser.error().status, 413);
  EXPECT_EQ(parser.error().message,
            "request body too large: message size too large than max (8193 vs 8192)");
}

TEST(RequestParserTest, RefusesALongBodyInChunks) {
  RequestParser parser(kMaxHeader);
  parser.Put("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  parser.LimitBody(5);
  Feed(parser, "4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n", 3);
  ASSERT_EQ(parser.state(), State::kFailed);
  EXPECT_EQ(parser.error().status, 413);
}

TEST(RequestParserTest, RefusesALongChunkByItsSize) {
  for (const char* size : {"6", "1000000000000000", "ffffffffffffffff"}) {
    RequestParser parser(kMaxHeader);
    parser.Put("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    parser.LimitBody(5);
    Feed(parser, std::string(size) + "\r\na", 64);
    ASSERT_EQ(parser.state(), State::kFailed) << size;
    EXPECT_EQ(parser.error().status, 413) << size;
  }
}

TEST(RequestParserTest, ReservesNoMoreThanItMustForAPromisedBody) {
  RequestParser parser(kMaxHeader);
  parser.Put("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
  parser.LimitBody(100 << 20);
  parser.Put("x");
  EXPECT_LE(parser.request().body.capacity(), 9u << 20);
}

}  // namespace
}  // namespace skald::net
