#include "net/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/compress.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using test::IsOk;
using testing::HasSubstr;
using testing::Not;

TEST(WriteHeadTest, WritesStatusFieldsDateAndLength) {
  Response response = TextResponse(404, "gone");
  EXPECT_EQ(WriteHead(response, {.now_ns = 784111777'000'000'000}),
            "HTTP/1.1 404 Not Found\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Length: 4\r\n\r\n");
}

TEST(WriteHeadTest, SaysWhatBecomesOfTheConnection) {
  const Response response;
  EXPECT_THAT(WriteHead(response, {}), Not(HasSubstr("Connection")));
  EXPECT_THAT(WriteHead(response, {.keep_alive = false}), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(WriteHead(response, {.is_http_1_0 = true}), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(WriteHeadTest, GivesNoLengthWhereThereIsNoBody) {
  EXPECT_THAT(WriteHead(Response{.status = 204}, {}), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(WriteHead(Response{.status = 304}, {}), Not(HasSubstr("Content-Length")));
}

TEST(WriteHeadTest, LetsNoValueForgeAField) {
  Response response;
  response.headers.Add("Location", "/a\r\nSet-Cookie: x");
  EXPECT_THAT(WriteHead(response, {}), HasSubstr("Location: /a  Set-Cookie: x\r\n"));
}

TEST(WriteHeadTest, WritesUnknownStatuses) {
  EXPECT_THAT(WriteHead(Response{.status = 299}, {}), HasSubstr("HTTP/1.1 299 Unknown\r\n"));
}

TEST(CompressBodyTest, CompressesWhatMayBeAndIsWorthIt) {
  const std::string body(5000, 'x');
  Response response{.body = body, .compressible = true};
  CompressBody("gzip", 1024, response);
  EXPECT_EQ(response.headers.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(response.headers.Get("Vary"), "Accept-Encoding");
  std::string raw;
  ASSERT_THAT(Decompress(Codec::kGzip, response.body, 1 << 20, raw), IsOk());
  EXPECT_EQ(raw, body);
}

TEST(CompressBodyTest, LeavesTheRestAlone) {
  const auto is_left = [](std::string_view accepts, Response response) {
    const std::string body = response.body;
    CompressBody(accepts, 1024, response);
    return response.body == body;
  };
  const std::string large(5000, 'x');
  EXPECT_TRUE(is_left("gzip", {.body = large, .compressible = false}));
  EXPECT_TRUE(is_left("br", {.body = large, .compressible = true}));
  EXPECT_TRUE(is_left("gzip", {.body = "small", .compressible = true}));
  Response encoded{.body = large, .compressible = true};
  encoded.headers.Add("content-encoding", "zstd");
  EXPECT_TRUE(is_left("gzip", encoded));
}

}  // namespace
}  // namespace skald::net
