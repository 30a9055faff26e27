#include "logql/stages/label_columns.h"

#include <cstring>

#include "common/status.h"

namespace skald::logql {

LabelColumns::LabelColumns() {
  error_ = Intern(kErrorLabel);
  details_ = Intern(kErrorDetailsLabel);
  preserve_ = Intern(kPreserveErrorLabel);
}

LabelColumns::~LabelColumns() {
  for (Column& c : columns_) {
    ReturnPages(c);
  }
}

Slot LabelColumns::FindOrAdd(std::string_view name) {
  auto [it, added] = slots_.try_emplace(std::string(name), static_cast<Slot>(columns_.size()));
  if (!added) {
    return it->second;
  }
  if (free_.empty()) {
    columns_.emplace_back();
  } else {
    it->second = free_.back();
    free_.pop_back();
  }
  columns_[it->second].name = it->first;
  return it->second;
}

Slot LabelColumns::Intern(std::string_view name) {
  const Slot slot = FindOrAdd(name);
  columns_[slot].pinned = true;
  return slot;
}

Slot LabelColumns::InternParsed(std::string_view name) {
  const size_t known = slots_.size();
  const Slot slot = FindOrAdd(name);
  if (slots_.size() != known) {
    parsed_.push_back(slot);
  }
  return slot;
}

void LabelColumns::DropParsedSlots() {
  for (const Slot slot : parsed_) {
    Column& c = columns_[slot];
    if (!c.pinned) {
      slots_.erase(c.name);
      c = Column();
      free_.push_back(slot);
    }
  }
  parsed_.clear();
  for (Column& c : columns_) {
    c.extracted = kNoSlot;
  }
  ++epoch_;
}

void LabelColumns::Activate(Slot slot) {
  Column& c = columns_[slot];
  if (!c.active) {
    c.active = true;
    active_.push_back(slot);
  }
}

void LabelColumns::Begin(const model::Labels& stream, const model::EntryBlock& block,
                         std::span<const uint32_t> rows) {
  SKALD_DCHECK(rows.size() <= kSliceRows);
  for (const Slot slot : active_) {
    Column& c = columns_[slot];
    ReturnPages(c);
    c.active = c.has_stream = false;
    c.metadata = nullptr;
  }
  active_.clear();
  if (spare_pages_.size() > kMaxSparePages) {
    spare_pages_.resize(kMaxSparePages);
  }
  if (parsed_.size() > kMaxParsedSlots) {
    DropParsedSlots();
  }
  rows_ = rows;
  BindStream(stream);
  BindMetadata(block);
}

void LabelColumns::BindStream(const model::Labels& stream) {
  for (const model::LabelView label : stream) {
    const Slot slot = InternParsed(label.name);
    columns_[slot].has_stream = true;
    columns_[slot].stream_value = label.value;
    Activate(slot);
  }
}

void LabelColumns::BindMetadata(const model::EntryBlock& block) {
  for (const model::MetadataColumn& column : block.metadata) {
    Slot slot = InternParsed(column.name);
    if (columns_[slot].has_stream) {
      slot = ExtractedSlot(slot);
    }
    if (columns_[slot].metadata == nullptr) {
      columns_[slot].metadata = &column;
      Activate(slot);
    }
  }
}

Slot LabelColumns::ExtractedSlot(Slot slot) {
  if (columns_[slot].extracted == kNoSlot) {
    const Slot extracted = InternParsed(columns_[slot].name + "_extracted");
    columns_[slot].extracted = extracted;
  }
  return columns_[slot].extracted;
}

LabelColumns::Page* LabelColumns::TakePage() {
  if (spare_pages_.empty()) {
    return new Page;
  }
  Page* page = spare_pages_.back().release();
  spare_pages_.pop_back();
  return page;
}

void LabelColumns::ReturnPages(Column& column) {
  if (!column.written) {
    return;
  }
  for (Page*& page : column.pages) {
    if (page != nullptr) {
      spare_pages_.emplace_back(page);
      page = nullptr;
    }
  }
  column.written = false;
}

LabelColumns::Page& LabelColumns::WritablePage(Slot slot, size_t i) {
  Column& c = columns_[slot];
  Page*& page = c.pages[i / kPageRows];
  if (page == nullptr) {
    page = TakePage();
    std::memset(page->states, kUntouched, kPageRows);
    c.written = true;
    Activate(slot);
  }
  return *page;
}

Slot LabelColumns::AddParsed(Slot slot, size_t i, std::string_view value) {
  const Slot target = IsTaken(slot, i) ? ExtractedSlot(slot) : slot;
  Page& page = WritablePage(target, i);
  uint8_t& state = page.states[i % kPageRows];
  if ((state & kExtracted) != 0) {
    return kNoSlot;
  }
  state = kFromParser | kExtracted;
  page.values[i % kPageRows] = value;
  return target;
}

void LabelColumns::Set(Slot slot, size_t i, std::string_view value, LabelCategory category) {
  Page& page = WritablePage(slot, i);
  uint8_t& state = page.states[i % kPageRows];
  state =
      static_cast<uint8_t>((state & kExtracted) | (kFromStream + static_cast<uint8_t>(category)));
  page.values[i % kPageRows] = value;
}

void LabelColumns::Delete(Slot slot, size_t i) {
  SetState(slot, i, static_cast<uint8_t>((State(slot, i) & kExtracted) | kDeleted));
}

void LabelColumns::SetError(size_t i, std::string_view error, std::string_view details) {
  Set(error_, i, error, LabelCategory::kParsed);
  if (!details.empty()) {
    Set(details_, i, details, LabelCategory::kParsed);
  }
  if (preserves_errors_) {
    Set(preserve_, i, "true", LabelCategory::kParsed);
  }
}

}  // namespace skald::logql
