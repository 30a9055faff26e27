#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "ruler/state_record.h"

namespace skald::ruler {

// Of the file in its folder. That of the first version has ".json" behind it.
inline constexpr std::string_view kStateFileName = "ruler-state";

// The alerts of all groups in one file, so that a restart neither forgets since when an alert holds
// nor fires it anew. What changes is appended; once the file is several times what it has to say,
// it is replaced by a new one, as it is by the first change of a process and after an error.
//
// Order:     Load, then Save again and again.
// Ownership: borrows `files`.
// Threads:   one caller at a time.
// Cost:      holds all groups that have alerts, encoded. Save writes those that have changed, and
//            waits for the disk.
// Format:    state_record.cc.
class StateFile {
 public:
  // `folder` exists when it is written to.
  StateFile(FileSystem& files, std::string folder);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  struct Loaded {
    std::vector<SavedGroup> groups;  // Each with its time.
    uint64_t damaged_bytes = 0;      // That were stepped over.
  };
  // What is stored; nothing if there is no file. After an error the next change replaces the file.
  Result<Loaded> Load();

  // On return what has changed is on stable storage: as of `now_ns` each of `groups` is as it says,
  // and those that were given before without a time stand as they did. That they do is itself
  // worth a few bytes, though not a wait for the disk. After an error the next call writes all.
  Status Save(const std::vector<SavedGroup>& groups, int64_t now_ns);

 private:
  struct Stored {
    std::string bytes;     // EncodeSavedGroup.
    bool running = false;  // It has no time of its own.
  };

  Result<Loaded> LoadJson();
  void Keep(const std::vector<SavedGroup>& groups, int64_t now_ns, std::string* frames);
  void Put(const GroupKey& key, Stored stored);
  bool Forget(const GroupKey& key);
  Status Write(const std::string& frames, int64_t now_ns);
  Status Replace(int64_t now_ns);

  FileSystem& files_;
  const std::string folder_;
  const std::string path_;

  std::map<GroupKey, Stored> stored_;
  size_t stored_bytes_ = 0;  // Of stored_, as frames.
  size_t running_ = 0;
  int64_t time_ns_ = 0;               // Of the last frame.
  bool unwritten_ = false;            // The file does not say what stored_ does.
  std::unique_ptr<AppendFile> file_;  // Null: the file is to be replaced.
  uint64_t file_bytes_ = 0;
};

}  // namespace skald::ruler
