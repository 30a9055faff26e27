#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/status.h"
#include "model/push_batch.h"

// What the write-ahead log tells: the items of a frame's payload (wal_frame.h). FORMAT.md draws
// their bytes.
namespace skald::ingester {

// Says which labels a stream's number stands for in the rest of the segment.
struct WalDefinition {
  uint64_t stream = 0;
  std::string_view tenant;
  std::string_view labels;  // model::Labels::encoded().
};

// Entries of one stream in order of arrival; entry i has sequence number first_seq + i.
struct WalEntries {
  uint64_t stream = 0;
  uint64_t first_seq = 0;
  std::vector<model::PushEntry> entries;
  std::vector<model::MetadataPair> metadata;
};

// Says how much of an earlier segment was written and synced when the present one was begun, by the
// same process: if less is there, the earlier one was cut.
struct WalPredecessor {
  uint64_t segment = 0;
  uint64_t bytes = 0;
};

// Says at the end of a segment which one the same process has begun after it: while this one is
// there, that one has not been removed either.
struct WalSuccessor {
  uint64_t segment = 0;
};

// Encodes the entries of one stream, one by one, into a buffer that is used again and again. With a
// text at hand, lines that lie in it are written as places.
//
// Order:   Start (Add)* body.
// Threads: not synchronised.
class WalEntriesEncoder {
 public:
  // `text`: what an AppendTextItem before the entries will hold; empty: none.
  void Start(uint64_t first_seq, size_t count, std::string_view text = {});
  // Requires: `count` calls in all.
  void Add(int64_t time_ns, std::string_view line, std::span<const model::MetadataPair> metadata);

  // What AppendEntriesItem takes. Valid until the next Start; names and values given to Add must
  // live until then.
  std::string_view body() const { return std::string_view(buffer_).substr(0, used_); }

 private:
  struct Name {
    std::string_view name;
    std::string_view last_value;
  };

  // Where so many bytes more can be written.
  char* Room(size_t bytes);
  void Put(uint64_t first, uint64_t second);
  // A number, and the bytes of a text.
  void PutText(uint64_t number, std::string_view text);
  void AddPair(const model::MetadataPair& pair);
  void AddLine(std::string_view line);

  std::string buffer_;  // Of which the first used_ bytes are the body.
  size_t used_ = 0;
  std::string_view text_;
  size_t text_end_ = 0;  // In text_, of the line before.
  int64_t last_time_ = 0;
  std::vector<Name> names_;
};

// Append an item to a payload.
void AppendDefinitionItem(std::string& payload, const WalDefinition& definition);
void AppendEntriesItem(std::string& payload, uint64_t stream, std::string_view body);
void AppendPredecessorItem(std::string& payload, const WalPredecessor& predecessor);
// What that appends at most.
inline constexpr size_t kMaxPredecessorItemBytes = 32;
void AppendSuccessorItem(std::string& payload, const WalSuccessor& successor);
// A text, packed with Codec::kSnappy, that entries behind it in the same frame refer to by
// `number`.
void AppendTextItem(std::string& payload, uint64_t number, std::string_view packed);
// As AppendEntriesItem, of a body that was begun with that text.
void AppendTextEntriesItem(std::string& payload, uint64_t stream, uint64_t text,
                           std::string_view body);

// Reads the items of a payload whose checksum was right.
//
// Ownership: borrows the payload; what Next hands out points into it or into the reader.
// Threads:   not synchronised.
// Cost:      keeps the texts of the payload, unpacked.
class WalItemReader {
 public:
  using Item = std::variant<WalDefinition, const WalEntries*, WalPredecessor, WalSuccessor>;

  explicit WalItemReader(std::string_view payload) : rest_(payload) {}

  // The next item; nullopt at the end. Items of kinds unknown to this version are skipped. The
  // entries pointed to are valid until the next call. kDataLoss for bytes that are no item: the
  // rest of the payload is lost then.
  Result<std::optional<Item>> Next();

 private:
  struct Text {
    uint64_t number = 0;
    std::string bytes;
  };

  Status ReadText(uint64_t number, std::string_view packed);
  Status ReadEntries(uint64_t stream, std::string_view body, bool with_text);

  std::string_view rest_;
  WalEntries entries_;
  std::vector<Text> texts_;
};

}  // namespace skald::ingester
