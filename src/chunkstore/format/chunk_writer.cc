#include "chunkstore/format/chunk_writer.h"

#include <utility>

namespace skald::chunkstore {

bool ChunkWriter::Fits(const BlockHeader& block) const {
  if (blocks_.empty()) return true;
  const int64_t last = blocks_.back()->header.max_time;
  return block.min_time > last && DayOf(block.max_time) == DayOf(blocks_.front()->header.min_time);
}

void ChunkWriter::Append(std::shared_ptr<const SealedBlock> block) {
  SKALD_DCHECK(Fits(block->header));
  SKALD_DCHECK(block->header.filters_bytes == block->filters.size());
  stored_bytes_ += block->filters.size() + block->data.size();
  blocks_.push_back(std::move(block));
}

FinishedChunk ChunkWriter::Finish() {
  FinishedChunk chunk;
  std::vector<BlockHeader> headers;
  headers.reserve(blocks_.size());
  for (const auto& block : blocks_) {
    chunk.summary.Add(block->header);
    headers.push_back(block->header);
  }
  chunk.head = EncodeChunkHead(headers, &chunk.bytes);
  chunk.blocks = std::exchange(blocks_, {});
  stored_bytes_ = 0;
  return chunk;
}

void FinishedChunk::AppendParts(std::vector<std::string_view>& parts) const {
  parts.push_back(head);
  std::vector<const BlockHeader*> headers;
  for (const auto& block : blocks) headers.push_back(&block->header);
  for (const FilterPlace& at : FilterOrder(headers)) {
    const FilterEntry& filter = headers[at.block]->filters[at.filter];
    const std::string_view filters = blocks[at.block]->filters;
    parts.push_back(filters.substr(filter.offset, filter.bytes));
  }
  for (const auto& block : blocks) parts.push_back(block->data);
}

std::string FinishedChunk::Bytes() const {
  std::vector<std::string_view> parts;
  AppendParts(parts);
  std::string joined;
  joined.reserve(bytes);
  for (const std::string_view part : parts) joined += part;
  return joined;
}

std::vector<FinishedChunk> JoinToChunks(std::vector<SealedBlock> blocks,
                                        const ChunkWriter::Options& options) {
  std::vector<FinishedChunk> chunks;
  ChunkWriter writer(options);
  for (SealedBlock& block : blocks) {
    if (!writer.empty() && (writer.full() || !writer.Fits(block.header))) {
      chunks.push_back(writer.Finish());
    }
    writer.Append(std::make_shared<const SealedBlock>(std::move(block)));
  }
  if (!writer.empty()) chunks.push_back(writer.Finish());
  return chunks;
}

std::vector<FinishedChunk> MakeChunks(const model::EntryBlock& entries, BlockSealer& sealer,
                                      const ChunkWriter::Options& options) {
  std::vector<SealedBlock> blocks;
  sealer.Seal(entries, blocks);
  return JoinToChunks(std::move(blocks), options);
}

}  // namespace skald::chunkstore
