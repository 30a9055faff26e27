#include "notify/srv_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;

void Put16(std::string& out, int value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}

void PutName(std::string& out, std::initializer_list<const char*> parts) {
  for (const std::string part : parts) {
    out += static_cast<char>(part.size());
    out += part;
  }
  out += '\0';
}

// An answer of two SRV records and an address, for _am._tcp.x.
std::string Answer() {
  std::string message;
  for (const int value : {7, 0x8180, 1, 3, 0, 0}) Put16(message, value);
  PutName(message, {"_am", "_tcp", "x"});
  Put16(message, 33);
  Put16(message, 1);
  const auto add = [&message](int type, const std::string& data) {
    Put16(message, 0xc00c);  // The name in the question.
    Put16(message, type);
    Put16(message, 1);
    message += std::string(4, '\0');
    Put16(message, static_cast<int>(data.size()));
    message += data;
  };
  for (const char* host : {"b", "a"}) {
    std::string data(4, '\0');
    Put16(data, 9093);
    PutName(data, {host, "x"});
    add(33, data);
  }
  add(1, "\x7f\x01\x02\x03");
  return message;
}

Result<std::vector<SrvTarget>> Parse(const std::string& message) {
  return ParseSrvAnswer({reinterpret_cast<const unsigned char*>(message.data()), message.size()});
}

TEST(SrvLookupTest, FindsTheTargetsOfAnAnswer) {
  const auto targets = Parse(Answer());
  ASSERT_THAT(targets, IsOk());
  EXPECT_THAT(*targets, ElementsAre(SrvTarget{"a.x", 9093}, SrvTarget{"b.x", 9093}));
}

TEST(SrvLookupTest, RefusesAnAnswerThatIsCutAnywhere) {
  const std::string answer = Answer();
  for (size_t size = 0; size < answer.size(); ++size) {
    EXPECT_THAT(Parse(answer.substr(0, size)), HasCode(StatusCode::kInvalidArgument)) << size;
  }
}

TEST(SrvLookupTest, SurvivesDamageOfEachByte) {
  for (size_t i = 0; i < Answer().size(); ++i) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      std::string damaged = Answer();
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      (void)Parse(damaged);
    }
  }
}

}  // namespace
}  // namespace skald::notify
