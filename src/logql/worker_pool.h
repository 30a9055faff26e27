#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "common/status.h"

namespace skald::logql {

// Objects that one thread at a time may use, made as the workers of a query ask for them: no more
// than there are workers at once, and each keeps what it has learnt from item to item.
//
// Threads: any thread may Take and Return.
template <typename T>
class WorkerPool {
 public:
  using Factory = std::function<Result<std::unique_ptr<T>>()>;

  explicit WorkerPool(Factory make) : make_(std::move(make)) {}

  Result<T*> Take() {
    {
      MutexLock lock(mutex_);
      if (!idle_.empty()) {
        T* object = idle_.back();
        idle_.pop_back();
        return object;
      }
    }
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<T> made, make_());
    MutexLock lock(mutex_);
    all_.push_back(std::move(made));
    return all_.back().get();
  }

  // Makes the first object, to learn of errors before any work is done.
  Status Check() {
    SKALD_ASSIGN_OR_RETURN(T * object, Take());
    Return(object);
    return Status();
  }

  // Returns how many objects there are.
  size_t Return(T* object) {
    MutexLock lock(mutex_);
    idle_.push_back(object);
    return all_.size();
  }

  // Requires: no worker is under way.
  std::vector<std::unique_ptr<T>> TakeAll() {
    MutexLock lock(mutex_);
    idle_.clear();
    return std::move(all_);
  }

 private:
  const Factory make_;
  Mutex mutex_;
  std::vector<std::unique_ptr<T>> all_ SKALD_GUARDED_BY(mutex_);
  std::vector<T*> idle_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::logql
