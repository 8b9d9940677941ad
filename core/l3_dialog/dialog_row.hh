#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "l3_dialog/snapshot.hh"
#include "storage/value.hh"

/// A dialog as a row of OpenSIPS's table `dialog`. Any thread.
namespace opensips::dialog {

/// The columns, in the order of row_of(): "dlg_id, callid, …".
const std::string& dialog_columns();

storage::Row row_of(const DialogSnapshot& dialog);

/// The dialog of a row with those columns; nothing if it is none that can be gone on with.
std::optional<DialogSnapshot> snapshot_from(const storage::Row& row);

/// Names and values in one text, as OpenSIPS keeps them: "name#value|name#value|", with a backslash
/// before a '#', '|' or backslash that is not meant so.
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::string join_pairs(const Pairs& pairs);
Pairs split_pairs(std::string_view text);

}  // namespace opensips::dialog
