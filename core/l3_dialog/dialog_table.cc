#include "l3_dialog/dialog_table.hh"

namespace opensips::dialog {

std::uint64_t DialogTable::key_of(std::string_view call_id, std::string_view caller_tag) const {
  constexpr std::string_view kSeparator{"\0", 1};
  return base::TableHasher(key_).update(call_id).update(kSeparator).update(caller_tag).finish();
}

void DialogTable::insert(Dialog& dialog, std::uint64_t key) {
  dialog.key = key;
  if (auto* const first = by_key_.find(key)) {
    dialog.next = first->next;
    first->next = &dialog;
    return;
  }
  by_key_.insert(key, dialog);
}

void DialogTable::remove(Dialog& dialog) {
  auto* const first = by_key_.find(dialog.key);
  if (first == &dialog) {
    by_key_.erase(dialog.key, dialog);
    if (dialog.next) by_key_.insert(dialog.key, *dialog.next);
  } else {
    for (auto* one = first; one; one = one->next) {
      if (one->next == &dialog) one->next = dialog.next;
    }
  }
  dialog.next = nullptr;
}

Dialog* DialogTable::find(std::string_view call_id, std::string_view caller_tag) const {
  if (by_key_.size() == 0 || caller_tag.empty()) return nullptr;  // every caller has a tag
  return by_key_.find(key_of(call_id, caller_tag));
}

Dialog* DialogTable::find_did(std::uint64_t did) {
  if (auto* const dialog = all_.find(DialogId(did)); dialog && dialog->did == did) return dialog;
  Dialog* found = nullptr;
  for_each([&](Dialog& dialog) {
    if (dialog.did == did) found = &dialog;
  });
  return found;
}

}  // namespace opensips::dialog
