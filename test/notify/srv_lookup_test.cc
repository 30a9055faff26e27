#include "notify/srv_lookup.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

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

// An answer to the same question that is of no records.
std::string Refusal(int code) {
  std::string message;
  for (const int value : {7, 0x8180 | code, 1, 0, 0, 0}) Put16(message, value);
  PutName(message, {"_am", "_tcp", "x"});
  Put16(message, 33);
  Put16(message, 1);
  return message;
}

// A name server that says the same to every question, over UDP.
class Oracle {
 public:
  explicit Oracle(std::string answer) : answer_(std::move(answer)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    server_.port = ntohs(address.sin_port);
    const timeval patience{.tv_sec = 0, .tv_usec = 20'000};
    EXPECT_EQ(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    thread_ = std::thread([this] { Run(); });
  }
  ~Oracle() {
    stopped_ = true;
    thread_.join();
    close(socket_);
  }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  const NameServer& server() const { return server_; }

 private:
  void Run() {
    while (!stopped_) {
      std::array<char, 512> question = {};
      sockaddr_storage from = {};
      socklen_t from_size = sizeof from;
      auto* const who = reinterpret_cast<sockaddr*>(&from);
      if (recvfrom(socket_, question.data(), question.size(), 0, who, &from_size) < 2) continue;
      std::string answer = answer_;
      answer.replace(0, 2, question.data(), 2);  // The question's number.
      sendto(socket_, answer.data(), answer.size(), 0, who, from_size);
    }
  }

  const std::string answer_;
  const int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  NameServer server_{.address = "127.0.0.1"};
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

TEST(SrvLookupTest, AsksANameServer) {
  const Oracle oracle(Answer());
  const auto targets = LookUpSrvAt(oracle.server(), "_am._tcp.x");
  ASSERT_THAT(targets, IsOk());
  EXPECT_THAT(*targets, ElementsAre(SrvTarget{"a.x", 9093}, SrvTarget{"b.x", 9093}));
}

TEST(SrvLookupTest, TellsANameThatIsNotThereFromAServerThatDoesNotKnow) {
  constexpr int kNoError = 0, kServFail = 2, kNxDomain = 3;
  const struct {
    int code;
    StatusCode status;
  } rows[] = {{kNoError, StatusCode::kNotFound},
              {kNxDomain, StatusCode::kNotFound},
              {kServFail, StatusCode::kUnavailable}};
  for (const auto& row : rows) {
    const Oracle oracle(Refusal(row.code));
    const auto targets = LookUpSrvAt(oracle.server(), "_am._tcp.x");
    EXPECT_THAT(targets, HasCode(row.status)) << row.code;
    EXPECT_THAT(std::string(targets.status().message()), HasSubstr("_am._tcp.x"));
  }
  EXPECT_THAT(LookUpSrvAt({.address = "x"}, "_am._tcp.x"), HasCode(StatusCode::kInvalidArgument));
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
