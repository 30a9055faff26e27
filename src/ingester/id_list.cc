#include "ingester/id_list.h"

#include <algorithm>

namespace skald::ingester {

void IdList::Add(Id id) {
  if (count_ == 0) {
    one_ = id;
    count_ = 1;
    return;
  }
  if (many_ == nullptr) {
    if (one_ == id) return;
    many_ = std::make_unique<std::vector<Id>>(1, one_);
  }
  // Mostly the newest stream has the highest id.
  std::vector<Id>& ids = *many_;
  const auto at = ids.back() < id ? ids.end() : std::ranges::lower_bound(ids, id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
  count_ = static_cast<uint32_t>(ids.size());
}

void IdList::Remove(Id id) {
  if (many_ == nullptr) {
    if (count_ == 1 && one_ == id) count_ = 0;
    return;
  }
  std::vector<Id>& ids = *many_;
  if (const auto at = std::ranges::lower_bound(ids, id); at != ids.end() && *at == id) {
    ids.erase(at);
  }
  count_ = static_cast<uint32_t>(ids.size());
  if (count_ > 1) return;
  if (count_ == 1) one_ = ids.front();
  many_.reset();
}

}  // namespace skald::ingester
