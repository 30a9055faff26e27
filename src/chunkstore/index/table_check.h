#pragma once

#include <functional>
#include <string>

namespace rocksdb {
class DB;
}

namespace skald::chunkstore {

// Reads every table of a store, also of one that is open for reading only: its blocks against their
// checksums, and the file against a checksum of all of it, which those have that were written since
// there are such. Calls on_fault with the name of a table for each that is damaged; one that a
// writer has removed meanwhile is passed over.
//
// Threads: any thread may call.
// Cost:    reads each table twice, past all caches.
void CheckTables(rocksdb::DB& db, const std::function<void(const std::string&)>& on_fault);

}  // namespace skald::chunkstore
