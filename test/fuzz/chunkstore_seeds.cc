// Writes the seeds of chunk_reader_fuzz and pack_fuzz: chunks of few entries with each codec, the
// columns of one, and packs. Usage: chunkstore_seeds test/fuzz/corpus

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/test_entries.h"

namespace skald::chunkstore {
namespace {

void WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

FinishedChunk ChunkOf(Codec codec, size_t entries) {
  BlockSealer sealer({.block_bytes = 2 << 10, .codec = codec});
  return MakeChunks(test::MakeBlock(test::EntryGenerator(1).Entries(entries)), sealer).at(0);
}

void WriteSeeds(const std::filesystem::path& corpus) {
  for (const Codec codec : {Codec::kNone, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    const FinishedChunk chunk = ChunkOf(codec, 12);
    WriteFile(corpus / "chunk_reader" / CodecName(codec), chunk.Bytes());
    PackWriter writer;
    const auto labels = std::make_shared<const model::Labels>(model::Labels({{"app", "seed"}}));
    writer.Add(model::TenantId("fake"), labels, labels->Hash(), chunk);
    WriteFile(corpus / "pack" / CodecName(codec), writer.Finish().Bytes());
  }
  std::vector<SealedBlock> blocks;
  BlockSealer({.codec = Codec::kNone})
      .Seal(test::MakeBlock(test::EntryGenerator(2).Entries(12)), blocks);
  for (const ColumnEntry& column : blocks.at(0).header.columns) {
    std::string seed(1, static_cast<char>(11));  // One less than the number of entries.
    seed += std::string_view(blocks[0].data).substr(column.offset, column.stored_bytes);
    WriteFile(corpus / "chunk_reader" /
                  ("column_" + std::string(ColumnKindName(column.kind)) + column.name),
              seed);
  }
}

}  // namespace
}  // namespace skald::chunkstore

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  skald::chunkstore::WriteSeeds(argv[1]);
  return 0;
}
