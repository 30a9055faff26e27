#include "wire/push_proto.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/push_message.h"
#include "support/push_text.h"

namespace skald::wire {
namespace {

using test::BytesField;
using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::NumberField;
using test::PrintBatch;
using test::ProtoEntry;
using test::ProtoStream;

std::string Message() {
  return ProtoStream(R"({app="a"})", {ProtoEntry(1, 2, "first", {{"trace_id", "x"}, {"u", "1"}}),
                                      ProtoEntry(2, 0, "second")}) +
         ProtoStream(R"({app="b"})", {}) +
         ProtoStream(R"({app="c"})", {ProtoEntry(3, 999'999'999, "bytes \xff\xfe")});
}

TEST(PushProtoTest, ReadsStreamsEntriesAndMetadata) {
  const auto batch = DecodePushProto(Message());
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch),
            "{app=\"a\"}\n  1000000002 first trace_id=x u=1\n  2000000000 second\n"
            "{app=\"b\"}\n"
            "{app=\"c\"}\n  3999999999 bytes \xff\xfe\n");
}

TEST(PushProtoTest, ViewsStayValidWhenTheBatchMoves) {
  auto batch = DecodePushProto(Message());
  ASSERT_THAT(batch, IsOk());
  const std::string before = PrintBatch(*batch);
  const model::PushBatch moved = *std::move(batch);
  EXPECT_EQ(PrintBatch(moved), before);
}

TEST(PushProtoTest, ReadsAnEmptyMessageAsNoStreams) {
  const auto batch = DecodePushProto("");
  ASSERT_THAT(batch, IsOk());
  EXPECT_TRUE(batch->streams.empty());
}

TEST(PushProtoTest, PassesOverFieldsItDoesNotKnow) {
  const std::string group = "\x7b" + NumberField(1, 5) + "\x83\x01" + BytesField(2, "in") +
                            "\x84\x01" + "\x7c";  // 15 { 1: 5 16 { 2: "in" } }
  const std::string unknown = BytesField(9, "y") + NumberField(16, 7) +
                              "\x91\x01"
                              "12345678" +
                              "\x95\x01"
                              "1234" +
                              group;
  const std::string entry =
      BytesField(2, BytesField(1, NumberField(1, 1) + unknown) + BytesField(2, "line") + unknown +
                        BytesField(4, BytesField(1, "parsed")));
  const auto batch = DecodePushProto(
      unknown + BytesField(1, BytesField(1, "{}") + entry + NumberField(3, 77) + unknown) +
      BytesField(2, "format"));
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch), "{}\n  1000000000 line\n");
}

TEST(PushProtoTest, RefusesMalformedMessages) {
  struct Row {
    std::string what;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"cut", Message().substr(0, 20)},
      {"length past the end", std::string("\x0a\xff\xff\xff\xff\x0f")},
      {"length that overflows", std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
      {"varint without an end", std::string("\x08") + std::string(20, '\xff')},
      {"field 0", std::string("\x00", 1)},
      {"labels as a number", BytesField(1, NumberField(1, 5))},
      {"streams as a number", NumberField(1, 5)},
      {"line as a number", BytesField(1, BytesField(2, NumberField(2, 1)))},
      {"hash as a text", BytesField(1, BytesField(3, "x"))},
      {"format as a number", NumberField(2, 1)},
      {"parsed pair that is cut",
       BytesField(1, BytesField(2, BytesField(1, NumberField(1, 1)) + BytesField(4, "\x0a\x05x")))},
      {"parsed pair as a number",
       BytesField(1, BytesField(2, BytesField(1, NumberField(1, 1)) + NumberField(4, 1)))},
      {"parsed name as a number",
       BytesField(
           1, BytesField(2, BytesField(1, NumberField(1, 1)) + BytesField(4, NumberField(1, 1))))},
      {"wire type 6", "\x0e"},
      {"group that does not end", "\x7b"},
      {"end of a group that did not begin", "\x7c"},
      {"JSON", R"({"streams":[]})"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(DecodePushProto(row.message), HasCode(StatusCode::kInvalidArgument)) << row.what;
  }
}

TEST(PushProtoTest, RefusesTimesThatAreNone) {
  EXPECT_THAT(DecodePushProto(ProtoStream("{}", {ProtoEntry(1, 1'000'000'000, "x")})),
              HasMessage("timestamp: nanos not in range [0, 1e9): 1000000000"));
  EXPECT_THAT(DecodePushProto(ProtoStream("{}", {ProtoEntry(1, -1, "x")})),
              HasMessage("timestamp: nanos not in range [0, 1e9): -1"));
  EXPECT_THAT(DecodePushProto(ProtoStream("{}", {ProtoEntry(9'300'000'000, 0, "x")})),
              HasMessage("timestamp: seconds out of range: 9300000000"));
  EXPECT_THAT(DecodePushProto(ProtoStream("{}", {BytesField(2, BytesField(2, "x"))})),
              HasMessage("entry without a timestamp"));
}

TEST(PushProtoTest, RefusesLabelsOfMoreThan16MiB) {
  const std::string labels(size_t{16 << 20} + 1, 'x');
  EXPECT_THAT(DecodePushProto(ProtoStream(labels, {})), HasCode(StatusCode::kResourceExhausted));
}

// Whatever comes of it, nothing outside the message may be read (a sanitizer would see it).
TEST(PushProtoTest, SurvivesEveryCutAndEveryDamagedByte) {
  const std::string message = Message();
  for (size_t i = 0; i < message.size(); ++i) {
    const auto cut = DecodePushProto(message.substr(0, i));
    if (cut.ok()) {
      EXPECT_LE(cut->streams.size(), 3u);
    }
    for (const char flip : {'\x01', '\x08', '\x40', '\xff'}) {
      std::string damaged = message;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto batch = DecodePushProto(damaged);
      if (batch.ok()) {
        EXPECT_LE(PrintBatch(*batch).size(), 2 * message.size() + 200);
      }
    }
  }
}

}  // namespace
}  // namespace skald::wire
