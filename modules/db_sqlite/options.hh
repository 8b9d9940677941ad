#pragma once

#include <chrono>
#include <string>

namespace opensips::db_sqlite {

/// What an operator says of all files.
struct Options {
  std::chrono::milliseconds busy_timeout{500};  ///< wait for a lock that another program holds
  std::string synchronous = "NORMAL";           ///< "NORMAL", "FULL"
  int max_size = 0;                             ///< MB; 0: as large as the disk has room for
};

}  // namespace opensips::db_sqlite
