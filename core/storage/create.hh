#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/backend.hh"

/// What `opensipsctl db` does. It waits for the database, so it is for a program of its own.
namespace opensips::storage {

/// What was done, a line each; or the line that says why no more was.
using ToolResult = std::expected<std::vector<std::string>, std::string>;

/// Creates those of the tables that are not there, all of them if none are named, and says their
/// versions in the table of versions.
ToolResult create_tables(Backend& backend, const Url& url, std::span<const std::string> names);

/// Takes the rows of tables that are older than this server over into new ones. The old ones stay,
/// under another name.
ToolResult migrate_tables(Backend& backend, const Url& url);

/// Says of each table which version it has.
ToolResult show_tables(Backend& backend, const Url& url);

}  // namespace opensips::storage
