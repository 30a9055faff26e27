#include "net/raw_client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace skald::net {
namespace {

// A test that waits so long has failed.
constexpr timeval kPatience = {.tv_sec = 20, .tv_usec = 0};

}  // namespace

RawClient::RawClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() { close(fd_); }

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::EndSending() { shutdown(fd_, SHUT_WR); }

void RawClient::Reset() {
  const linger now = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd_);
  fd_ = -1;
}

std::optional<Response> RawClient::Read(bool is_head) {
  size_t head_end;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  Response response;
  response.status = std::stoi(received_.substr(sizeof "HTTP/1.1"));
  for (size_t line = received_.find("\r\n") + 2; line < head_end;) {
    const size_t end = received_.find("\r\n", line);
    const size_t colon = received_.find(": ", line);
    response.headers.Add(received_.substr(line, colon - line),
                         received_.substr(colon + 2, end - colon - 2));
    line = end + 2;
  }
  size_t body_bytes = 0;
  const std::string_view length = response.headers.Get("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), body_bytes);
  if (is_head) {
    body_bytes = 0;
  }
  while (received_.size() < head_end + 4 + body_bytes) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  response.body = received_.substr(head_end + 4, body_bytes);
  received_.erase(0, head_end + 4 + body_bytes);
  return response;
}

std::string RawClient::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(received_, {});
}

std::optional<Response> RawClient::Ask(std::string_view request) {
  Send(request);
  return Read();
}

bool RawClient::Fill() {
  std::array<char, 16384> bytes;
  const ssize_t count = recv(fd_, bytes.data(), bytes.size(), 0);
  EXPECT_FALSE(count < 0 && errno == EAGAIN) << "no answer in time";
  if (count <= 0) {
    return false;
  }
  received_.append(bytes.data(), static_cast<size_t>(count));
  return true;
}

}  // namespace skald::net
