#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "common/compress.h"
#include "ingester/wal_frame.h"
#include "ingester/wal_record.h"

namespace skald::ingester {
namespace {

void CheckReadsBack(const WalEntries& entries, std::string_view text, std::string_view body) {
  std::string again;
  if (text.empty()) {
    AppendEntriesItem(again, entries.stream, body);
  } else {
    std::string packed;
    Compress(Codec::kSnappy, text, packed);
    AppendTextItem(again, 1, packed);
    AppendTextEntriesItem(again, entries.stream, 1, body);
  }
  WalItemReader second(again);
  auto read = second.Next();
  if (!read.ok() || !*read) std::abort();
  const WalEntries& copy = *std::get<const WalEntries*>(**read);
  if (copy.stream != entries.stream || copy.first_seq != entries.first_seq ||
      copy.metadata != entries.metadata || copy.entries.size() != entries.entries.size()) {
    std::abort();
  }
  for (size_t i = 0; i < copy.entries.size(); ++i) {
    if (copy.entries[i].time_ns != entries.entries[i].time_ns ||
        copy.entries[i].line != entries.entries[i].line) {
      std::abort();
    }
  }
}

// Reads all items of a payload. Entries are encoded again, as they are and as places in a text, and
// must read back the same.
void ReadItems(std::string_view payload) {
  WalItemReader reader(payload);
  for (auto item = reader.Next(); item.ok() && *item; item = reader.Next()) {
    const auto* pointer = std::get_if<const WalEntries*>(&**item);
    if (pointer == nullptr) continue;
    const WalEntries& entries = **pointer;
    for (const std::string_view text : {std::string_view(), payload}) {
      WalEntriesEncoder encoder;
      encoder.Start(entries.first_seq, entries.entries.size(), text);
      for (const model::PushEntry& entry : entries.entries) {
        encoder.Add(
            entry.time_ns, entry.line,
            std::span(entries.metadata).subspan(entry.metadata_begin, entry.metadata_count));
      }
      CheckReadsBack(entries, text, encoder.body());
    }
  }
}

void ReadFrames(std::string_view bytes) {
  WalFrameReader frames(bytes, 1);
  while (auto payload = frames.Next()) ReadItems(*payload);
}

}  // namespace
}  // namespace skald::ingester

// The input as a segment; as a payload; and as a payload in a frame whose checksums are right, in
// the middle of the input itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skald::ingester;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)CheckWalSegmentHeader(input, 1);
  ReadFrames(input);
  ReadItems(input);
  std::string frame(kWalFrameHeaderBytes, '\0');
  frame += input;
  std::string scratch;
  SealWalFrame(frame, 1, skald::Codec::kLz4, scratch);
  ReadFrames(std::string(input) + frame + std::string(input));
  return 0;
}
