#pragma once

namespace skald {

// What share of the CPU a thread has where others want it as well, as Linux's nice levels: each
// takes a fifth off the weight.
enum class ThreadWeight {
  kRequests = 0,  // Someone waits for what it does.
  kFlush = 5,     // A third of that: where it falls behind for long, pushes are refused.
  kUpkeep = 10,   // A tenth: nothing waits for it but space on the disk.
};

// Takes that many levels off the calling thread, once and for good: giving them back takes
// privileges. Where the system won't, the thread stays as it is.
//
// Threads: for such as do background work alone. Requests that want a mutex which such a thread
//          holds wait until it gets the CPU: it may copy and replace under one that they take, but
//          not compress, sort, read or write.
void SetWeightOfThisThread(ThreadWeight weight);

}  // namespace skald
