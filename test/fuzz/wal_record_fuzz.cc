#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingester/wal_record.h"

namespace skald::ingester {
namespace {

// Reads all items of a payload. Entries are encoded again and must read back the same.
void ReadItems(std::string_view payload) {
  WalItemReader reader(payload);
  for (auto item = reader.Next(); item.ok() && *item; item = reader.Next()) {
    const auto* pointer = std::get_if<const WalEntries*>(&**item);
    if (pointer == nullptr) continue;
    const WalEntries& entries = **pointer;
    WalEntriesEncoder encoder;
    encoder.Start(entries.first_seq, entries.entries.size());
    for (const model::PushEntry& entry : entries.entries) {
      encoder.Add(entry.time_ns, entry.line,
                  std::span(entries.metadata).subspan(entry.metadata_begin, entry.metadata_count));
    }
    std::string again;
    AppendEntriesItem(again, entries.stream, encoder.body());
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
