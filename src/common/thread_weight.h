#pragma once

namespace skald {

// What share of the CPU a thread has where others want it as well, as Linux's nice levels: each
// takes a fifth off the weight.
enum class ThreadWeight {
  kRequests = 0,  // Someone waits for what it does.
  kFlush = 5,     // A third of that: where it falls behind for long, pushes are refused.
};

// Takes that many levels off the calling thread, once and for good: giving them back takes
// privileges. Where the system won't, the thread stays as it is.
//
// Threads: for such as do background work alone. Who wants a mutex, or a turn, that such a thread
//          has waits until it gets the CPU. So under one that requests want it may look up, copy,
//          replace and free, but not compress, sort, read or write. It does all the same where
//          that is rare or short:
//          - what it logs is written under the mutex of spdlog's sink;
//          - after a failed write it may open the index anew (LabelIndex::Recover), for which
//            look-ups wait.
//          What others than requests want it may hold for long: the turn to flush for a round,
//          the index's commit_mutex_ over a write that is synced. Compaction waits for both, and
//          who asks for a flush or for erasure waits for that as such.
void SetWeightOfThisThread(ThreadWeight weight);

}  // namespace skald
