#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Db = DbSettings;

constexpr Parameter kRows[] = {
    long_text("", "db_default_url", &at<&S::db, &Db::default_url>,
              "Database of all that name none, as \"sqlite:///var/lib/opensips/opensips.db\" or "
              "\"mysql://user:password@host/opensips\"."),
    text("", "db_version_table", &at<&S::db, &Db::version_table>,
         "Table that says which version the others are."),
    duration("", "db_query_timeout", &at<&S::db, &Db::query_timeout>, kMs, 10, 60'000,
             "Wait for the answer of a database, the time in its queue included; in milliseconds."),
    duration("", "db_connect_timeout", &at<&S::db, &Db::connect_timeout>, kMs, 10, 60'000,
             "Wait for a connection to a database to be established; in milliseconds."),
    integer("", "db_max_async_connections", &at<&S::db, &Db::max_async_connections>, 1, 128,
            "Connections to one database."),
    integer("", "db_queue_limit", &at<&S::db, &Db::queue_limit>, 16, 16'777'216,
            "Most statements that wait for one database."),
    integer("", "db_batch_size", &at<&S::db, &Db::batch_size>, 1, 100'000,
            "Most rows that wait to be written and are written in one transaction."),
};

}  // namespace

std::span<const Parameter> of_databases() {
  return kRows;
}

}  // namespace opensips::config::rows
