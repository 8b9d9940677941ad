#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace opensips::manage {

/// Who may use a control socket or FIFO: the user that the server runs as and root, and whom the
/// operator names. The mode keeps the others from the file; a socket also asks who its peer is.
struct Access {
  mode_t mode = 0600;
  std::optional<uid_t> user;     ///< owns the file
  std::optional<gid_t> group;    ///< likewise
  std::vector<uid_t> members{};  ///< of the group

  /// Names or numbers, empty for none. Asks the system's user database, which may wait: at start.
  static std::expected<Access, std::string> of(mode_t mode, const std::string& user,
                                               const std::string& group);

  bool permits(uid_t uid, gid_t gid) const;
};

}  // namespace opensips::manage
