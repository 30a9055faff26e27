#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/compress.h"
#include "common/status.h"
#include "model/push_batch.h"

// The bytes of the write-ahead log: FORMAT.md draws them. A segment is a header and frames; a
// frame is what was written and synced at once, under one checksum; its payload is a run of items.
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

// The file of a segment, and back: nullopt for names of other files.
std::string WalSegmentName(uint64_t segment);
std::optional<uint64_t> ParseWalSegmentName(std::string_view name);
// What is behind the path of a segment that is kept for whoever can read more of it.
inline constexpr std::string_view kWalUnreadableSuffix = ".unreadable";
// How many segments that are gone one after the other are told of: a file whose name is a number
// at random makes many.
inline constexpr uint64_t kMaxMissingSegmentsNamed = 20;

inline constexpr size_t kWalSegmentHeaderBytes = 24;
inline constexpr size_t kWalFrameHeaderBytes = 24;

std::string EncodeWalSegmentHeader(uint64_t segment);
// kDataLoss for a damaged header, kUnimplemented for a version that is newer than this program.
Status CheckWalSegmentHeader(std::string_view bytes, uint64_t segment);

// Turns a buffer of kWalFrameHeaderBytes of any content followed by a payload into a frame. With a
// codec the payload is packed if that saves an eighth; `scratch` is used for it.
void SealWalFrame(std::string& frame, uint64_t segment, Codec codec, std::string& scratch);

// Whether `rest`, which begins with no whole frame, is one whose end was never written: of its
// header, or of what a sound header announces; or nothing but zeros. No push was acknowledged for
// it.
bool IsUnfinishedWalFrame(std::string_view rest);

// Finds the frames in a segment's bytes, past damage too.
//
// Ownership: borrows the bytes.
// Threads:   not synchronised.
class WalFrameReader {
 public:
  // `bytes` is what follows the segment's header.
  WalFrameReader(std::string_view bytes, uint64_t segment) : bytes_(bytes), segment_(segment) {}

  // The next whole frame's payload, valid until the next call; nullopt at the end. Bytes that
  // belong to no whole frame are stepped over and add to damaged_bytes().
  std::optional<std::string_view> Next();

  // Where the frame that Next handed out last begins in the bytes, and where it ends.
  size_t frame_begin() const { return frame_begin_; }
  size_t frame_end() const { return at_; }

  uint64_t damaged_bytes() const { return damaged_bytes_; }
  // Stretches of damage so far. torn_tail: no whole frame followed the last one.
  uint64_t damages() const { return damages_; }
  bool torn_tail() const { return torn_tail_; }

 private:
  // The whole frame that begins at `at`, if one does.
  std::optional<std::string_view> FrameAt(size_t at);

  std::string_view bytes_;
  uint64_t segment_;
  size_t at_ = 0;
  size_t frame_begin_ = 0;
  size_t next_ = 0;  // Set by FrameAt: behind the frame.
  uint64_t damaged_bytes_ = 0;
  uint64_t damages_ = 0;
  bool torn_tail_ = false;
  std::string unpacked_;
};

}  // namespace skald::ingester
