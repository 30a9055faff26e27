#include "net/grpc_message.h"

#include <gtest/gtest.h>

#include "common/compress.h"
#include "common/snappy_frames.h"
#include "support/matchers.h"

namespace skald::net {
namespace {

using test::HasCode;
using testing::HasSubstr;

// As protobuf has it: field 1, of 100 bytes.
const std::string kMessage = "\x0a\x64" + std::string(100, 'x');

std::string Packed(Codec codec) {
  std::string out;
  Compress(codec, kMessage, out);
  return out;
}

// What zlib.compress of Python gives for kMessage.
std::string Zlib() {
  return std::string("\x78\x9c\xe3\x4a\xa9\xa0\x03\x00\x00\x6b\x8d\x2f\x4f", 13);
}

// One chunk as it is, with the checksum of kMessage.
std::string Frames() {
  return std::string(kSnappyFramesMagic) + std::string("\x01\x6a\x00\x00\xcd\x8c\x0b\x68", 8) +
         kMessage;
}

TEST(GrpcMessageTest, UnpacksWhatClientsPackWith) {
  for (const std::string& packed : {Packed(Codec::kGzip), Packed(Codec::kZstd), Zlib(), Frames()}) {
    const Result<std::string> message = UnpackGrpcMessage(packed, kMessage.size());
    ASSERT_TRUE(message.ok()) << message.status().message();
    EXPECT_EQ(*message, kMessage);
  }
}

TEST(GrpcMessageTest, GivesBackWhatIsNotPacked) {
  for (const std::string& message : {std::string(), kMessage, std::string("\x1f"),
                                     std::string("\x78"), std::string("\x78\x02\xff")}) {
    EXPECT_EQ(UnpackGrpcMessage(message, 1).value(), message);
  }
}

TEST(GrpcMessageTest, RefusesWhatDoesNotUnpack) {
  for (const std::string& packed : {Packed(Codec::kGzip), Packed(Codec::kZstd), Zlib(), Frames()}) {
    const Result<std::string> message =
        UnpackGrpcMessage(packed.substr(0, packed.size() - 1), kMessage.size());
    EXPECT_THAT(message.status(), HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(message.status().message()), HasSubstr("cannot decompress"));
  }
}

TEST(GrpcMessageTest, NamesTheSettingWhenItIsTooLarge) {
  for (const std::string& packed : {Packed(Codec::kGzip), Packed(Codec::kZstd), Zlib(), Frames()}) {
    const Result<std::string> message = UnpackGrpcMessage(packed, kMessage.size() - 1);
    EXPECT_THAT(message.status(), HasCode(StatusCode::kResourceExhausted));
    EXPECT_THAT(std::string(message.status().message()),
                HasSubstr("server.grpc_server_max_recv_msg_size"));
  }
}

}  // namespace
}  // namespace skald::net
