#include "notify/secret_file.h"

namespace skald::notify {

Result<std::string> ReadSecret(FileSystem& files, const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(std::string text, files.ReadAll(path));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

}  // namespace skald::notify
