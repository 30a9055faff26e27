#include "ruler/rule_names.h"

#include <algorithm>
#include <cstddef>

#include "common/base64.h"
#include "common/utf8.h"

namespace skald::ruler {
namespace {

// Alloy's namespaces, alloy/<namespace>/<name>/<uid>, come to 360.
constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kPieceBytes = 240;  // A file's name has 255, with a suffix.
static_assert((kMaxNameBytes + 2) / 3 * 4 <= kMaxPieces * kPieceBytes);

Status CheckName(std::string_view what, std::string_view name) {
  if (!IsValidUtf8(name)) return InvalidArgument(std::string(what) + " is not UTF-8");
  if (name.size() <= kMaxNameBytes) return Status();
  return InvalidArgument(std::string(what) + " has " + std::to_string(name.size()) +
                         " bytes, at most " + std::to_string(kMaxNameBytes) + " are possible");
}

}  // namespace

std::string SpellName(std::string_view name) {
  std::string text;
  AppendBase64(text, name);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

bool UnspellName(std::string_view text, std::string& name) {
  name.clear();
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  // A name has one spelling, though base64 can be written in several ways.
  if (DecodeBase64(standard, name) && SpellName(name) == text) return true;
  name.clear();
  return false;
}

std::string InPieces(std::string_view spelled) {
  std::string path;
  for (; spelled.size() > kPieceBytes; spelled.remove_prefix(kPieceBytes)) {
    path.append(spelled.substr(0, kPieceBytes)).append("./");
  }
  return path.append(spelled);
}

std::optional<std::string> TakePieces(std::string_view& path) {
  std::string spelled;
  while (true) {
    const std::string_view piece = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), piece.size() + 1));
    if (GoesOn(piece)) {
      spelled.append(piece.substr(0, kPieceBytes));
      continue;
    }
    // The last one, which is empty only for a name that is.
    if (piece.size() > kPieceBytes || (piece.empty() && !spelled.empty())) return std::nullopt;
    return spelled.append(piece);
  }
}

bool GoesOn(std::string_view piece) {
  return piece.size() == kPieceBytes + 1 && piece.back() == '.';
}

Status CheckNames(std::string_view name_space, std::string_view group) {
  SKALD_RETURN_IF_ERROR(CheckName("the namespace's name", name_space));
  return CheckName("the group's name", group);
}

Status NoGroup() { return NotFound("group does not exist"); }
Status NoNamespace() { return NotFound("group namespace does not exist"); }

}  // namespace skald::ruler
