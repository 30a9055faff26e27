// Writes a pack of the entries of old_entries.h with the writer of the commit that it is built in.
// usage: write_pack FILE fresh|compacted

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/old_entries.h"

using namespace skald;
using namespace skald::chunkstore;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  BlockSealer::Options options;
  options.block_bytes = 3 << 10;  // So that there are several blocks.
  if (std::string(argv[2]) == "compacted") {
    options.codec = Codec::kZstd;
    options.split_lines = true;
  }
  PackWriter writer;
  std::vector<std::vector<FinishedChunk>> chunks;
  for (size_t stream = 0; stream < test::kOldStreams; ++stream) {
    const test::OldStream old = test::OldStreamOf(stream);
    BlockSealer sealer(options);
    chunks.push_back(MakeChunks(test::MakeBlock(old.entries), sealer));
    const auto labels =
        std::make_shared<const model::Labels>(model::Labels({{"app", old.app}, {"env", "prod"}}));
    for (const FinishedChunk& chunk : chunks.back()) {
      writer.Add(model::TenantId(old.tenant), labels, labels->Hash(), chunk);
    }
  }
  const PackWriter::Pack pack = writer.Finish();
  std::ofstream out(argv[1], std::ios::binary);
  for (const std::string_view part : pack.Parts()) {
    out.write(part.data(), static_cast<std::streamsize>(part.size()));
  }
  return out.good() ? 0 : 1;
}
