#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "common/mutex.h"

namespace skald {

// Objects with buffers that are dear to get anew: handed out, and taken back as they are when the
// last reader lets go, so that whoever is next writes into memory that is mapped and still warm.
//
// Ownership: objects may outlive the recycler; they are freed then.
// Threads:   any thread may call, and let go of objects.
// Cost:      keeps at most `max_kept` idle objects, none of which holds more than `max_bytes` by
//            its MemoryBytes().
template <typename T>
class Recycler {
 public:
  // `make`: how a new one is made.
  Recycler(
      size_t max_kept, size_t max_bytes,
      std::function<std::unique_ptr<T>()> make = [] { return std::make_unique<T>(); })
      : make_(std::move(make)), shelf_(std::make_shared<Shelf>(max_kept, max_bytes)) {}

  // The object given back last, or a new one. Its contents are left over from its last use.
  std::shared_ptr<T> Take() {
    std::unique_ptr<T> object = shelf_->Pop();
    if (object == nullptr) object = make_();
    return std::shared_ptr<T>(object.release(), Return{shelf_});
  }

 private:
  struct Shelf {
    Shelf(size_t max_kept, size_t max_bytes) : max_kept(max_kept), max_bytes(max_bytes) {}

    std::unique_ptr<T> Pop() {
      MutexLock lock(mutex);
      if (idle.empty()) return nullptr;
      std::unique_ptr<T> object = std::move(idle.back());
      idle.pop_back();
      return object;
    }
    void Push(std::unique_ptr<T> object) {
      if (object->MemoryBytes() > max_bytes) return;
      MutexLock lock(mutex);
      if (idle.size() < max_kept) idle.push_back(std::move(object));
    }

    const size_t max_kept;
    const size_t max_bytes;
    Mutex mutex;
    std::vector<std::unique_ptr<T>> idle SKALD_GUARDED_BY(mutex);  // Used last at the back.
  };
  struct Return {
    std::shared_ptr<Shelf> shelf;
    void operator()(T* object) const { shelf->Push(std::unique_ptr<T>(object)); }
  };

  const std::function<std::unique_ptr<T>()> make_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace skald
