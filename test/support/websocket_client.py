"""A WebSocket client for tests: one connection, text in, control frames told apart. Standard library only."""
import base64
import os
import socket
import struct
import time

KINDS = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


class WebSocketRefused(OSError):
    """The server did not upgrade; `status` and `body` are its answer."""

    def __init__(self, status, body):
        super().__init__("no upgrade: %d %r" % (status, body))
        self.status, self.body = status, body


class WebSocket:
    """Answers pings by itself. `pings` counts them. `tls` is an ssl.SSLContext, or None for clear text."""

    def __init__(self, host, port, target, headers=None, timeout_s=15, tls=None):
        self.socket = socket.create_connection((host, port), timeout=timeout_s)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.buffer, self.pings = b"", 0
        lines = ["GET %s HTTP/1.1" % target, "Host: %s:%d" % (host, port), "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += ["%s: %s" % pair for pair in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.read_more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            raise WebSocketRefused(status, self.buffer)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.send(8, struct.pack(">H", 1000))
        except OSError:
            pass
        self.socket.close()

    def read_more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection after %r" % self.buffer[:200])
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.read_more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | size]) if size < 126 else bytes([0xfe]) + struct.pack(">H", size)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def frame(self):
        first, second = self.take(2)
        size = second & 127
        if size == 126:
            size, = struct.unpack(">H", self.take(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.take(8))
        return first & 128, first & 15, self.take(size)

    def receive(self, timeout_s):
        """The next message as ("text", bytes) or ("close", (code, reason)); raises OSError when none comes in time."""
        end, message = time.monotonic() + timeout_s, b""
        while True:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            final, opcode, payload = self.frame()
            if opcode == 9:
                self.pings += 1
                self.send(10, payload)
            elif opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                return "close", (code, payload[2:].decode("utf-8", "replace"))
            elif opcode in (0, 1, 2):
                message += payload
                if final:
                    return KINDS.get(opcode, "text"), message
