#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "script_test/record.hh"

namespace opensips::script_test {

/// Which names of a record lead to which addresses: by an address, by an SRV record's target, or by
/// an alias of either. Of the servers of one name, a request goes to one that is drawn at random
/// (RFC 2782).
class RecordedNames {
 public:
  explicit RecordedNames(const std::vector<Record::Name>& names);

  /// Both hosts, as base::Address::bare_host() has them, are servers of one name.
  bool share(const std::string& host, const std::string& other) const;

 private:
  std::map<std::string, std::set<std::string>> names_;  // of a host
};

}  // namespace opensips::script_test
