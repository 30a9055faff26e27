#include "ingester/chunk_cutter.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <utility>

#include "chunkstore/format/chunk_reader.h"

namespace skald::ingester {
namespace {

using chunkstore::SealedBlock;
using SharedBlock = std::shared_ptr<const SealedBlock>;

// A reader merges as many chunks as overlap. Clocks that differ a little between the sources of a
// stream make neighbouring blocks overlap: two chunks. Above this the entries came in no order.
constexpr size_t kMaxOverlap = 3;

bool BeginsBefore(const SharedBlock& a, const SharedBlock& b) {
  return a->header.min_time < b->header.min_time;
}

// How many blocks overlap at one time, at most. Requires: ordered by beginning.
size_t Overlap(const std::vector<SharedBlock>& blocks) {
  std::vector<int64_t> ends;
  for (const SharedBlock& block : blocks) {
    const auto free =
        std::ranges::find_if(ends, [&](int64_t end) { return end < block->header.min_time; });
    if (free != ends.end()) {
      *free = block->header.max_time;
    } else {
      ends.push_back(block->header.max_time);
    }
  }
  return ends.size();
}

// The blocks of `owner`, which they keep alive.
void ShareBlocks(const std::shared_ptr<const SealedBlocks>& owner, std::vector<SharedBlock>& out) {
  for (const SealedBlock& block : *owner) out.emplace_back(owner, &block);
}

Result<std::shared_ptr<const SealedBlocks>> SortAnew(const std::vector<SharedBlock>& blocks,
                                                     chunkstore::BlockSealer& sealer) {
  model::EntryBlockBuilder builder;
  for (const SharedBlock& block : blocks) {
    SKALD_ASSIGN_OR_RETURN(const model::EntryBlock entries,
                           chunkstore::DecodeBlock(*block, model::ColumnSet()));
    for (size_t row = 0; row < entries.size(); ++row) builder.Append(entries, row);
  }
  auto sorted = std::make_shared<SealedBlocks>();
  sealer.Seal(builder.Finish(), *sorted);
  return std::shared_ptr<const SealedBlocks>(std::move(sorted));
}

std::vector<chunkstore::FinishedChunk> DealOut(const std::vector<SharedBlock>& blocks,
                                               uint64_t chunk_bytes) {
  std::vector<chunkstore::FinishedChunk> out;
  std::deque<chunkstore::ChunkWriter> open;
  for (const SharedBlock& block : blocks) {
    auto writer = std::ranges::find_if(
        open, [&](const auto& candidate) { return candidate.Fits(block->header); });
    if (writer == open.end()) {
      open.emplace_back(chunkstore::ChunkWriter::Options{.chunk_bytes = chunk_bytes});
      writer = std::prev(open.end());
    }
    writer->Append(block);
    if (writer->full()) out.push_back(writer->Finish());
  }
  for (chunkstore::ChunkWriter& writer : open) {
    if (!writer.empty()) out.push_back(writer.Finish());
  }
  return out;
}

}  // namespace

Result<std::vector<chunkstore::FinishedChunk>> CutChunks(const std::vector<StreamPart>& parts,
                                                         uint64_t chunk_bytes,
                                                         chunkstore::BlockSealer& sealer) {
  std::vector<SharedBlock> blocks;
  for (const StreamPart& part : parts) {
    SKALD_DCHECK(part.sealed != nullptr);
    ShareBlocks(part.sealed, blocks);
  }
  std::ranges::stable_sort(blocks, BeginsBefore);
  if (Overlap(blocks) <= kMaxOverlap) return DealOut(blocks, chunk_bytes);

  SKALD_ASSIGN_OR_RETURN(const auto sorted, SortAnew(blocks, sealer));
  blocks.clear();
  ShareBlocks(sorted, blocks);
  return DealOut(blocks, chunk_bytes);
}

}  // namespace skald::ingester
