#include "chunkstore/index/table_check.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <memory>
#include <vector>

namespace skald::chunkstore {
namespace {

constexpr size_t kReadBytes = 256 << 10;

rocksdb::Status CheckBlocks(const rocksdb::Options& options, const std::string& path) {
  rocksdb::SstFileReader reader(options);
  rocksdb::Status status = reader.Open(path);
  return status.ok() ? reader.VerifyChecksum() : status;
}

rocksdb::Status CheckWhole(const rocksdb::Options& options, const std::string& path,
                           const rocksdb::LiveFileMetaData& table) {
  if (table.file_checksum == rocksdb::kUnknownFileChecksum ||
      table.file_checksum_func_name == rocksdb::kUnknownFileChecksumFuncName) {
    return {};
  }
  rocksdb::FileChecksumGenContext context;
  context.file_name = path;
  context.requested_checksum_func_name = table.file_checksum_func_name;
  const auto checksum = options.file_checksum_gen_factory->CreateFileChecksumGenerator(context);
  // As a later version may have it.
  if (checksum == nullptr || checksum->Name() != table.file_checksum_func_name) return {};
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = options.env->NewSequentialFile(path, &file, rocksdb::EnvOptions());
  std::vector<char> buffer(kReadBytes);
  rocksdb::Slice piece;
  do {
    if (status.ok()) status = file->Read(buffer.size(), &piece, buffer.data());
    if (!status.ok()) return status;
    checksum->Update(piece.data(), piece.size());
  } while (!piece.empty());
  checksum->Finalize();
  if (checksum->GetChecksum() == table.file_checksum) return {};
  return rocksdb::Status::Corruption("the checksum of the whole file is another");
}

}  // namespace

void CheckTables(rocksdb::DB& db, const std::function<void(const std::string&)>& on_fault) {
  const rocksdb::Options options = db.GetOptions();
  std::vector<rocksdb::LiveFileMetaData> tables;
  db.GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    const std::string path = table.db_path + table.name;
    rocksdb::Status status = CheckBlocks(options, path);
    if (status.ok()) status = CheckWhole(options, path, table);
    if (status.ok() || status.IsPathNotFound()) continue;
    on_fault(table.name.substr(table.name.find_first_not_of('/')) + ": " + status.ToString());
  }
}

}  // namespace skald::chunkstore
