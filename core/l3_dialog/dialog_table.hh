#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/flat_index.hh"
#include "base/siphash.hh"
#include "base/slot_table.hh"
#include "l3_dialog/dialog.hh"

namespace opensips::dialog {

/// The dialogs of one worker, found by id, or by Call-ID and the caller's tag: what the INVITE had.
/// Those of several callees who answered one INVITE share that key. One worker.
class DialogTable {
 public:
  DialogTable(unsigned worker, std::uint32_t epoch) : all_(worker, epoch) {}

  /// A dialog that is found by its id only, until insert().
  Dialog& make(Dialogs& home) { return *all_.emplace(home).second; }
  /// `key`: of its call_id and caller_tag, which stay.
  void insert(Dialog& dialog, std::uint64_t key);
  /// It is found by its id only.
  void remove(Dialog& dialog);
  void erase(DialogId id) { all_.erase(id); }

  Dialog* find(DialogId id) const { return all_.find(id); }
  /// The first of those with that key; the others follow by Dialog::next. nullptr: none.
  Dialog* find(std::string_view call_id, std::string_view caller_tag) const;
  /// A keyed hash, which costs more than the search: for who asks more than once.
  std::uint64_t key_of(std::string_view call_id, std::string_view caller_tag) const;
  Dialog* find_key(std::uint64_t key) const { return by_key_.find(key); }
  /// By the number that operators know. It costs a walk through all for one that an earlier process
  /// made.
  Dialog* find_did(std::uint64_t did);

  bool empty() const { return by_key_.size() == 0; }
  std::size_t size() const { return all_.size(); }

  /// Visits up to `most` places from the one numbered `first` on. The number to go on with; 0 when
  /// there are no more.
  template <class F>
  std::uint32_t visit(std::uint32_t first, std::uint32_t most, F&& visitor) {
    return all_.visit(first, most, [&](DialogId, Dialog& dialog) { visitor(dialog); });
  }
  template <class F>
  void for_each(F&& visitor) {
    all_.for_each([&](DialogId, Dialog& dialog) { visitor(dialog); });
  }

 private:
  base::SipKey key_ = base::SipKey::random();
  base::SlotTable<Dialog, loop::DialogTag> all_;
  base::FlatIndex<Dialog> by_key_;
};

}  // namespace opensips::dialog
