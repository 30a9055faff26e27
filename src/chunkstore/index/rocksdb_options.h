#pragma once

#include <cstddef>
#include <memory>

namespace rocksdb {
class Env;
class Logger;
struct Options;
}  // namespace rocksdb

namespace skald::chunkstore {

// How RocksDB is set up for the label index: merges that append, small memory, opening in
// milliseconds, its warnings in our log.
rocksdb::Options MakeRocksDbOptions(rocksdb::Env& env, size_t cache_bytes,
                                    size_t write_buffer_bytes);

// Takes no lines.
std::shared_ptr<rocksdb::Logger> MakeSilentLogger();

}  // namespace skald::chunkstore
