#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "l0_transport/sockets.hh"
#include "l6_location/binding_set.hh"
#include "l6_location/home.hh"
#include "storage/statement.hh"
#include "storage/value.hh"

namespace opensips::location {

/// Contacts in a Redis that several servers share: an AoR is a hash, `usrloc:alice@example.com`,
/// with a field for each contact, by its id: the columns of the table `location` as JSON, and the
/// contact's `home`. Its field `version` changes with every change: who writes says which one he
/// has read, and nothing is written if it is not that one any more. The hash expires with its last
/// contact. Any thread.
class SharedContacts {
 public:
  /// The sockets outlive it.
  SharedContacts(const transport::Sockets& sockets, Homes homes);

  /// As Redis has them: with those that have expired, which the next write takes away.
  struct Held {
    std::string version;  ///< empty: there are none
    std::vector<BindingRef> contacts;
  };
  storage::Query reading(std::string_view aor) const;
  /// What reading() gave. A field that is no contact is passed over. One whose home is another
  /// server has that as its Path.
  Held read(std::string_view aor, const storage::Rows& reply) const;

  /// What an edit has changed, if the AoR still is as it was read.
  storage::Query writing(std::string_view aor, std::string_view version,
                         const BindingSetEdit& edit) const;
  /// Takes a contact away that answers no more, unless it has been registered anew since, here or
  /// elsewhere.
  storage::Query dropping(std::string_view aor, const Binding& binding) const;
  /// Of the reply to writing(): false if somebody else has changed the AoR since.
  static bool is_written(const storage::Rows& reply);

 private:
  std::string text_of(std::string_view aor, const Binding& binding) const;
  BindingRef contact_of(std::string_view aor, std::int64_t id, std::string_view text) const;

  const transport::Sockets& sockets_;
  const Homes homes_;
  const storage::StatementRef read_, write_;
};

}  // namespace opensips::location
