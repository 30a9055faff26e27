// Writes the seeds of chunk_reader_fuzz, split_lines_fuzz, pack_fuzz and pack_filter_fuzz: chunks
// of few entries with each codec, the columns of one, lines before and after they are split, packs,
// and filters of packs. Usage: chunkstore_seeds test/fuzz/corpus

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/format/split/split_lines.h"
#include "chunkstore/test_entries.h"

namespace skald::chunkstore {
namespace {

void WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// 20 lines of 50 bytes, as split_lines_fuzz takes them; and lz4_packer_fuzz, once and three times.
void WriteSplitSeed(const std::filesystem::path& corpus) {
  std::vector<std::string> lines;
  std::vector<int64_t> times;
  test::EntryGenerator random(3);
  for (size_t i = 0; i < 20; ++i) {
    times.push_back(test::kStartNs + static_cast<int64_t>(i) * 333'000'000);
    std::string line = "22:13:" + std::to_string(20 + i / 3) + " n=" + std::to_string(i * i) +
                       " id=" + random.Hex(8) + (i % 2 == 0 ? " GET" : " POST");
    lines.push_back(line.append(49 - line.size(), '.'));
  }
  std::string text(1, '\0');
  for (const std::string& line : lines) text += line + "\n";
  WriteFile(corpus / "split_lines" / "lines", text);
  WriteFile(corpus / "lz4_packer" / "lines", text);
  WriteFile(corpus / "lz4_packer" / "copies", "\2" + text.substr(1));
  std::string encoded(1, static_cast<char>(lines.size()));
  EncodeSplitLines(std::vector<std::string_view>(lines.begin(), lines.end()), times, 1, encoded);
  WriteFile(corpus / "split_lines" / "split", encoded);
}

// Lines with ids and words, and a filter of them with its one region, as pack_filter_fuzz takes
// them.
void WriteFilterSeeds(const std::filesystem::path& corpus) {
  const std::vector<std::string> lines = {
      "user logged in trace=4bf92f3577b34da6a3ce929d0e0e4736", "span 00f067aa0ba902b7: timeout",
      "0f8fad5b-d9cb-469f-a165-70867728950e 注文が拒否されました"};
  std::vector<test::TestEntry> entries;
  std::string text(1, '\0');
  for (const std::string& line : lines) {
    entries.push_back({.time = 1, .seq = 1, .line = line});
    text += line + "\n";
  }
  WriteFile(corpus / "pack_filter" / "lines", text);
  std::vector<SealedBlock> blocks;
  BlockSealer({.codec = Codec::kZstd}).Seal(test::MakeBlock(entries), blocks);
  PackFilterBuilder builder;
  builder.Add(blocks.at(0), 5);
  const PackFilterBuilder::Encoded filter = builder.Finish(1 << 20);
  constexpr size_t kCrcBytes = 4;
  const std::string sections = filter.head.substr(0, filter.head.size() - kCrcBytes);
  WriteFile(corpus / "pack_filter" / "filter",
            std::string(1, static_cast<char>(sections.size())) + sections +
                filter.regions.substr(0, filter.regions.size() - kCrcBytes));
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
  WriteSplitSeed(corpus);
  WriteFilterSeeds(corpus);
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
