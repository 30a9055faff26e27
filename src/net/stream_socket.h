#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "net/listener.h"

namespace boost::asio {
class io_context;
}

namespace skald::net {

class TlsContext;

// A connected TCP socket that never blocks, with TLS or without: calls move what can be moved at
// once, and a wait tells when more can.
//
// Order:     nothing but Close after Close or a move. One wait at a time for input and for room.
// Ownership: the descriptor is closed with the object; borrows `io` and `tls`.
// Threads:   the thread that runs `io`; construction and destruction anywhere.
class StreamSocket {
 public:
  // What became of a call that moves bytes.
  struct Moved {
    size_t bytes = 0;
    bool would_block = false;  // Nothing could be moved now.
    bool ended = false;        // By the peer, or by an error: nothing will ever be.
  };

  // Without `tls` it speaks in the clear.
  StreamSocket(boost::asio::io_context& io, const AcceptedSocket& socket,
               const TlsContext* tls = nullptr);
  ~StreamSocket();
  // Waits under way end as with Close.
  StreamSocket(StreamSocket&& other) noexcept;
  StreamSocket& operator=(StreamSocket&& other) = delete;

  // Whether bytes have come that nobody has read.
  bool HasInput();
  // Whether some tens of bytes can be sent at once and whole.
  bool HasRoom();
  Moved Read(char* to, size_t size);
  // Sends the parts one after the other.
  Moved Write(std::initializer_list<std::string_view> parts);

  // Calls `ready` once, from `io`, when reading or writing would get somewhere. Not called if the
  // socket is closed first; `ready` is then destroyed.
  void WaitForInput(std::function<void()> ready);
  void WaitForRoom(std::function<void()> ready);

  // Tells the peer that no more will be sent.
  void EndSending();
  void Close();

 private:
  struct Rep;  // Keeps Asio out of this header.
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::net
