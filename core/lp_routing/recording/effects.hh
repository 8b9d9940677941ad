#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "l1_parser/message.hh"
#include "lp_routing/recording/value_json.hh"
#include "lp_routing/uas.hh"

namespace opensips::routing::recording {

/// The edits of a request at one moment, to see what has been changed since. The request outlives
/// it.
class EditsBefore {
 public:
  explicit EditsBefore(const parser::Message& request);
  /// {"uri": …, "body": …, "headers": [[what, place, name, value], …]} of what has changed since;
  /// an empty object if nothing has.
  Json changes() const;

 private:
  const parser::Message* request_;
  std::vector<parser::Edits::Edit> headers_;
  std::string_view uri_;
  bool has_body_;
  std::string_view body_;
};

/// Makes those changes. What cannot be made is left out.
void make_changes(parser::Message& request, const Json& changes);

/// An answer, as {"code": …, "reason": …, "headers": …, "type": …, "body": …}.
Json reply_to_json(unsigned code, std::string_view reason, const ReplyOptions& options);

/// The same again.
struct Reply {
  unsigned code = 0;  ///< 0: it is none
  std::string reason, headers, type, body;
};
Reply reply_of(const Json& json);

}  // namespace opensips::routing::recording
