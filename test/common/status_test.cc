#include "common/status.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;

TEST(StatusTest, IsOkByDefault) {
  EXPECT_THAT(Status(), IsOk());
  EXPECT_EQ(Status().ToString(), "OK");
  EXPECT_EQ(Status().message(), "");
}

TEST(StatusTest, CarriesCodeAndMessage) {
  const Status status = DataLoss("chunk 4f1a: crc mismatch");
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_EQ(status.ToString(), "DATA_LOSS: chunk 4f1a: crc mismatch");
}

TEST(StatusTest, CopiesAreIndependent) {
  Status a = NotFound("x");
  Status b = a;
  a = Status();
  EXPECT_THAT(a, IsOk());
  EXPECT_THAT(b, HasCode(StatusCode::kNotFound));
}

TEST(StatusTest, AnnotatePutsContextInFront) {
  EXPECT_THAT(Annotate(Unavailable("connection refused"), "s3"),
              HasMessage("s3: connection refused"));
  EXPECT_THAT(Annotate(Status(), "s3"), IsOk());
}

TEST(StatusTest, NamesEveryCode) {
  for (int code = 0; code <= 16; ++code) {
    EXPECT_FALSE(StatusCodeName(static_cast<StatusCode>(code)).empty()) << code;
  }
  EXPECT_EQ(StatusCodeName(StatusCode::kUnauthenticated), "UNAUTHENTICATED");
}

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument("odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  SKALD_ASSIGN_OR_RETURN(const int half, Half(n));
  SKALD_RETURN_IF_ERROR(Half(half).status());
  return Half(half);
}

TEST(ResultTest, HoldsAValueOrTheReasonThereIsNone) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_THAT(Quarter(7), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Quarter(6), HasMessage("odd"));
}

TEST(ResultTest, HoldsWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  ASSERT_THAT(result, IsOk());
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 3);
}

}  // namespace
}  // namespace skald
