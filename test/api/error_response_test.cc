#include "api/error_response.h"

#include <gtest/gtest.h>

namespace skald::api {
namespace {

TEST(ErrorResponseTest, MapsCodesForEachAudience) {
  const struct {
    StatusCode code;
    int reader;
    int writer;
  } rows[] = {
      {StatusCode::kInvalidArgument, 400, 400},   {StatusCode::kUnauthenticated, 401, 401},
      {StatusCode::kResourceExhausted, 400, 429}, {StatusCode::kFailedPrecondition, 429, 422},
      {StatusCode::kUnavailable, 503, 503},       {StatusCode::kDeadlineExceeded, 504, 504},
      {StatusCode::kCancelled, 499, 499},         {StatusCode::kUnknown, 500, 500},
      {StatusCode::kDataLoss, 500, 500},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(HttpStatusOf(row.code, Audience::kReader), row.reader) << StatusCodeName(row.code);
    EXPECT_EQ(HttpStatusOf(row.code, Audience::kWriter), row.writer) << StatusCodeName(row.code);
  }
}

TEST(ErrorResponseTest, OnlyWritersGetANewline) {
  EXPECT_EQ(ErrorResponse(InvalidArgument("bad"), Audience::kReader).body, "bad");
  EXPECT_EQ(ErrorResponse(InvalidArgument("bad"), Audience::kWriter).body, "bad\n");
  EXPECT_EQ(
      ErrorResponse(Status(StatusCode::kUnauthenticated, "no org id"), Audience::kReader).body,
      "no org id\n");
}

TEST(ErrorResponseTest, IsPlainText) {
  const net::Response response = ErrorResponse(InvalidArgument("<b>"), Audience::kReader);
  EXPECT_EQ(response.headers.Get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.headers.Get("X-Content-Type-Options"), "nosniff");
}

TEST(ErrorResponseTest, TellsWhatToDoAboutATimeout) {
  EXPECT_TRUE(ErrorResponse(Status(StatusCode::kDeadlineExceeded, "x"), Audience::kReader)
                  .body.starts_with("request timed out, decrease the duration"));
}

}  // namespace
}  // namespace skald::api
