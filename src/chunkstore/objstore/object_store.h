#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald::chunkstore {

struct ObjectEntry {
  std::string key;
  uint64_t bytes = 0;
  // Changes when the object is replaced, if not always by the same bytes: whoever keeps what they
  // have read need not read it again. Empty where the store cannot tell.
  std::string version;

  friend bool operator==(const ObjectEntry&, const ObjectEntry&) = default;
};

// Where packs and rules are kept: whole objects under keys. A key is one or more names joined by
// '/', each of [A-Za-z0-9._=!*'()-] and neither "." nor ".."; other keys are kInvalidArgument.
//
// Threads: any thread may call.
// Cost:    calls block on disk or network.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // When it returns OK the object is durable and whole; else the old object, or none, is there.
  // kResourceExhausted when there is no room. The object is `parts` one after the other.
  virtual Status Put(const std::string& key, std::span<const std::string_view> parts) = 0;
  Status Put(const std::string& key, std::string_view bytes) {
    return Put(key, std::span(&bytes, 1));
  }
  // kNotFound when there is none.
  virtual Result<std::string> Get(const std::string& key) = 0;
  // Replaces `out` by the bytes [offset, offset + count). kNotFound when there is no such object,
  // kOutOfRange when it is shorter.
  virtual Status GetRange(const std::string& key, uint64_t offset, uint64_t count,
                          std::string& out) = 0;
  // Objects whose key begins with `prefix`, ordered by key.
  virtual Result<std::vector<ObjectEntry>> List(std::string_view prefix) = 0;
  // When it returns OK there is none, and none will be after a crash.
  virtual Status Delete(const std::string& key) = 0;
};

// kInvalidArgument unless `key` is as ObjectStore wants it.
Status CheckObjectKey(std::string_view key);

}  // namespace skald::chunkstore
