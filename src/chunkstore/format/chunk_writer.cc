#include "chunkstore/format/chunk_writer.h"

namespace skald::chunkstore {

bool ChunkWriter::Fits(const BlockHeader& block) const {
  if (blocks_.empty()) return true;
  const int64_t last = blocks_.back()->header.max_time;
  return block.min_time > last && DayOf(block.max_time) == DayOf(blocks_.front()->header.min_time);
}

void ChunkWriter::Append(const SealedBlock& block) {
  SKALD_DCHECK(Fits(block.header));
  stored_bytes_ += block.filters.size() + block.data.size();
  blocks_.push_back(&block);
}

FinishedChunk ChunkWriter::Finish() {
  FinishedChunk chunk;
  std::vector<BlockHeader> headers;
  headers.reserve(blocks_.size());
  for (const SealedBlock* block : blocks_) {
    chunk.summary.Add(block->header);
    headers.push_back(block->header);
  }
  uint64_t chunk_bytes = 0;
  const std::string head = EncodeChunkHead(headers, &chunk_bytes);
  chunk.head_bytes = static_cast<uint32_t>(head.size());
  chunk.bytes.reserve(chunk_bytes);
  chunk.bytes += head;
  for (const SealedBlock* block : blocks_) chunk.bytes += block->filters;
  for (const SealedBlock* block : blocks_) chunk.bytes += block->data;
  blocks_.clear();
  stored_bytes_ = 0;
  return chunk;
}

std::vector<FinishedChunk> MakeChunks(const model::EntryBlock& entries, BlockSealer& sealer,
                                      const ChunkWriter::Options& options) {
  std::vector<SealedBlock> blocks;
  sealer.Seal(entries, blocks);
  std::vector<FinishedChunk> chunks;
  ChunkWriter writer(options);
  for (const SealedBlock& block : blocks) {
    if (!writer.empty() && (writer.full() || !writer.Fits(block.header))) {
      chunks.push_back(writer.Finish());
    }
    writer.Append(block);
  }
  if (!writer.empty()) chunks.push_back(writer.Finish());
  return chunks;
}

}  // namespace skald::chunkstore
