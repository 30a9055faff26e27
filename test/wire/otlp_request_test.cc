#include "wire/otlp_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/compress.h"
#include "support/matchers.h"
#include "support/otlp_message.h"
#include "support/push_text.h"

namespace skald::wire {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::PrintBatch;

constexpr std::string_view kProto = "application/x-protobuf";
constexpr std::string_view kExpected = "{}\n  77 x\n";

std::string Export() {
  return test::OtlpExport(test::OtlpScopeLogs({test::OtlpBody(test::OtlpText("x"))}));
}

Result<model::PushBatch> Decode(const OtlpHeaders& headers, std::string body) {
  return DecodeOtlpRequest(headers, std::move(body), *OtlpMapping::Compile({}, {}), 77);
}

std::string Packed(Codec codec) {
  std::string packed;
  Compress(codec, Export(), packed);
  return packed;
}

TEST(OtlpRequestTest, ReadsBothMediaTypes) {
  const auto proto = Decode({.content_type = kProto}, Export());
  ASSERT_THAT(proto, IsOk());
  EXPECT_EQ(PrintBatch(*proto), kExpected);
  const auto json =
      Decode({.content_type = "application/json"},
             R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]})");
  ASSERT_THAT(json, IsOk());
  EXPECT_EQ(PrintBatch(*json), kExpected);
}

TEST(OtlpRequestTest, UnpacksTheEncodingsOfCollectors) {
  struct Row {
    std::string_view encoding;
    Codec codec;
  };
  for (const Row& row :
       {Row{"gzip", Codec::kGzip}, Row{"zstd", Codec::kZstd}, Row{"lz4", Codec::kLz4Frame}}) {
    const auto batch =
        Decode({.content_type = kProto, .content_encoding = row.encoding}, Packed(row.codec));
    ASSERT_THAT(batch, IsOk()) << row.encoding;
    EXPECT_EQ(PrintBatch(*batch), kExpected);
    EXPECT_THAT(Decode({.content_type = kProto, .content_encoding = row.encoding}, Export()),
                HasCode(StatusCode::kInvalidArgument))
        << row.encoding;
  }
}

TEST(OtlpRequestTest, RefusesOtherTypesAndEncodings) {
  EXPECT_THAT(Decode({.content_type = "application/x-protobuf; charset=utf-8"}, Export()),
              HasMessage("content type: application/x-protobuf; charset=utf-8 is not supported"));
  EXPECT_THAT(Decode({}, Export()), HasMessage("content type:  is not supported"));
  EXPECT_THAT(Decode({.content_type = kProto, .content_encoding = "identity"}, Export()),
              HasMessage("unsupported content encoding identity: only gzip, lz4 and zstd are "
                         "supported"));
}

TEST(OtlpRequestTest, RefusesBodiesThatAreTooLarge) {
  EXPECT_THAT(Decode({.content_type = kProto, .max_body_bytes = 4}, Export()),
              HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(
      Decode({.content_type = kProto, .content_encoding = "gzip", .max_decompressed_bytes = 4},
             Packed(Codec::kGzip)),
      HasMessage("request body too large: decompressed message size too large than max (5 vs 4)"));
}

TEST(OtlpRequestTest, WritesErrorsAsAStatusWithAMessage) {
  EXPECT_EQ(OtlpErrorBody("why"), "\x12\x03why");
  EXPECT_EQ(OtlpErrorBody("\xff"), "\x12\x03\ufffd");
}

}  // namespace
}  // namespace skald::wire
