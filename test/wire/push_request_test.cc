#include "wire/push_request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/compress.h"
#include "support/matchers.h"
#include "support/push_message.h"
#include "support/push_text.h"

namespace skald::wire {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::PrintBatch;

constexpr char kJson[] = R"({"streams":[{"stream":{"a":"b"},"values":[["1000000001","x"]]}]})";
constexpr char kPrinted[] = "{a=\"b\"}\n  1000000001 x\n";

std::string Packed(Codec codec, std::string_view raw) {
  std::string out;
  Compress(codec, raw, out);
  return out;
}

std::string ProtoBlock() {
  return Packed(Codec::kSnappy, test::ProtoStream(R"({a="b"})", {test::ProtoEntry(1, 1, "x")}));
}

TEST(PushRequestTest, UnpacksByMediaTypeAndEncoding) {
  struct Row {
    std::string type;
    std::string encoding;
    std::string body;
  };
  const std::vector<Row> rows = {
      {"application/json", "", kJson},
      {"APPLICATION/JSON;charset=x", "", kJson},
      {"application/json; charset=\"utf-8\"", "", kJson},
      {"application/json;", "", kJson},
      {"application/json", "snappy", kJson},
      {"application/json", "gzip", Packed(Codec::kGzip, kJson)},
      {"application/json", "deflate", Packed(Codec::kDeflate, kJson)},
      {"application/x-protobuf", "", ProtoBlock()},
      {"application/x-protobuf", "snappy", ProtoBlock()},
      {"application/x-protobuf", "gzip", Packed(Codec::kGzip, ProtoBlock())},
      {"application/x-protobuf", "deflate", Packed(Codec::kDeflate, ProtoBlock())},
      {"text/plain", "", ProtoBlock()},
      {"x", "", ProtoBlock()},
  };
  for (const Row& row : rows) {
    const auto batch =
        DecodePush({.content_type = row.type, .content_encoding = row.encoding}, row.body);
    ASSERT_THAT(batch, IsOk()) << row.type << " " << row.encoding;
    EXPECT_EQ(PrintBatch(*batch), kPrinted) << row.type << " " << row.encoding;
  }
}

TEST(PushRequestTest, ReadsTheOlderJsonOnTheOlderPath) {
  const auto batch = DecodePush(
      {.content_type = "application/json", .legacy = true},
      R"({"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"1970-01-01T00:00:01.000000001Z","line":"x"}]}]})");
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch), kPrinted);
}

TEST(PushRequestTest, TakesNullForAnEmptyStreamOnTheOlderPathOnly) {
  PushHeaders headers = {.content_type = "application/json", .legacy = true};
  const auto batch = DecodePush(headers, R"({"streams":[null]})");
  ASSERT_THAT(batch, IsOk());
  ASSERT_EQ(batch->streams.size(), 1u);
  EXPECT_EQ(batch->streams[0].entry_count, 0u);
  headers.legacy = false;
  EXPECT_THAT(DecodePush(headers, R"({"streams":[null]})"), HasCode(StatusCode::kInvalidArgument));
}

TEST(PushRequestTest, RefusesHeadersItDoesNotUnderstand) {
  struct Row {
    std::string type;
    std::string encoding;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"", "", "mime: no media type"},
      {"/", "", "mime: no media type"},
      {"application", "", "snappy: corrupt input"},
      {"application/", "", "mime: expected token after slash"},
      {"application json", "", "mime: expected slash after first token"},
      {"application/json, text/plain", "", "mime: unexpected content after media subtype"},
      {"application/json; charset", "", "mime: invalid media parameter"},
      {"application/json; =x", "", "mime: invalid media parameter"},
      {"application/json; a=\"open", "", "mime: invalid media parameter"},
      {"application/json; a=b; a=c", "", "mime: duplicate parameter name"},
      {"application/json; a=b; A=\"B\"", "", "mime: duplicate parameter name"},
      {R"(application/json; a="\x"; a=x)", "", "mime: duplicate parameter name"},
      {"application/json", "zstd", "Content-Encoding \"zstd\" not supported"},
      {"application/json", "GZIP", "Content-Encoding \"GZIP\" not supported"},
      {"application/x-protobuf", "gzip, deflate",
       "Content-Encoding \"gzip, deflate\" not supported"},
  };
  for (const Row& row : rows) {
    const auto batch =
        DecodePush({.content_type = row.type, .content_encoding = row.encoding}, kJson);
    EXPECT_THAT(batch, HasCode(StatusCode::kInvalidArgument)) << row.type << " " << row.encoding;
    EXPECT_THAT(batch, HasMessage(row.message));
  }
}

TEST(PushRequestTest, TakesAParameterAgainWithTheSameValue) {
  for (const char* const type :
       {"application/json; a=b; a=b", "application/json; a=b; A=\"b\";",
        R"(application/json; a="\""; a="\"")", "application/json; a=b; b=a"}) {
    EXPECT_THAT(DecodePush({.content_type = type}, kJson), IsOk()) << type;
  }
}

TEST(PushRequestTest, PassesOverWhatFollowsRawDeflate) {
  for (const auto& [type, body] : {std::pair("application/json", std::string(kJson)),
                                   std::pair("application/x-protobuf", ProtoBlock())}) {
    const PushHeaders headers = {.content_type = type, .content_encoding = "deflate"};
    const auto batch = DecodePush(headers, Packed(Codec::kDeflate, body) + "more");
    ASSERT_THAT(batch, IsOk()) << type;
    EXPECT_EQ(PrintBatch(*batch), kPrinted) << type;
  }
}

TEST(PushRequestTest, TakesJsonThatEndsBeforeTheDamage) {
  const std::string gzip = Packed(Codec::kGzip, kJson);
  constexpr size_t kTrailerBytes = 8;
  const PushHeaders headers = {.content_type = "application/json", .content_encoding = "gzip"};
  EXPECT_THAT(DecodePush(headers, gzip + "text"), IsOk());
  EXPECT_THAT(DecodePush(headers, gzip.substr(0, gzip.size() - kTrailerBytes)), IsOk());
  EXPECT_THAT(
      DecodePush(headers, Packed(Codec::kGzip, "{\"streams\":[") + Packed(Codec::kGzip, "]}")),
      IsOk());
  EXPECT_THAT(DecodePush(headers, gzip.substr(0, gzip.size() / 2)),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(DecodePush(headers, Packed(Codec::kGzip, gzip)),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(PushRequestTest, RefusesDeflateInZlibsWrapper) {
  const PushHeaders headers = {.content_type = "application/json", .content_encoding = "deflate"};
  // zlib's header, DEFLATE, and the checksum that is never looked at.
  const std::string wrapped = "\x78\x9c" + Packed(Codec::kDeflate, kJson) + "abcd";
  EXPECT_THAT(DecodePush(headers, wrapped), HasCode(StatusCode::kInvalidArgument));
}

TEST(PushRequestTest, RefusesBodiesThatAreTooLarge) {
  const std::string padded = std::string(kJson) + std::string(20'000, ' ');
  const PushHeaders json = {
      .content_type = "application/json", .max_body_bytes = 8192, .max_decompressed_bytes = 16384};
  EXPECT_THAT(DecodePush(json, padded.substr(0, 8192)), IsOk());
  const auto large = DecodePush(json, padded.substr(0, 8193));
  EXPECT_THAT(large, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(large,
              HasMessage("request body too large: message size too large than max (8193 vs 8192)"));

  for (const auto& [encoding, codec] :
       {std::pair("gzip", Codec::kGzip), std::pair("deflate", Codec::kDeflate)}) {
    PushHeaders packed = json;
    packed.content_encoding = encoding;
    const auto batch = DecodePush(packed, Packed(codec, padded));
    EXPECT_THAT(batch, HasCode(StatusCode::kResourceExhausted)) << encoding;
    EXPECT_THAT(batch, HasMessage("request body too large: decompressed message size too large "
                                  "than max (16385 vs 16384)"));
  }
  PushHeaders proto = json;
  proto.content_type = "application/x-protobuf";
  EXPECT_THAT(DecodePush(proto, Packed(Codec::kSnappy, std::string(21618, 'x'))),
              HasMessage("request body too large: decompressed message size too large than max "
                         "(21618 vs 16384)"));
}

TEST(PushRequestTest, RefusesBodiesThatAreNoSnappyBlock) {
  const std::string block = ProtoBlock();
  const std::string message = test::ProtoStream("{}", {});
  const std::vector<std::string> rows = {
      "",
      message,
      block.substr(0, block.size() - 1),
      block + "x",
      std::string("\x80\x80\x80\x80\x80\x20", 6) + block.substr(1),
      std::string("\xff\x06\x00\x00sNaPpY", 10) + message,
  };
  for (const std::string& body : rows) {
    EXPECT_THAT(DecodePush({.content_type = "application/x-protobuf"}, body),
                HasMessage("snappy: corrupt input"));
  }
}

}  // namespace
}  // namespace skald::wire
