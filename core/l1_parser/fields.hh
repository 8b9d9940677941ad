#pragma once

#include <string_view>

#include "l1_parser/cseq.hh"
#include "l1_parser/name_addr.hh"
#include "l1_parser/uri.hh"
#include "l1_parser/via.hh"

namespace opensips::parser {

/// What the parse() functions of these types do, but into an object that is there already: the
/// parser fills those of a Message in place. The object has to be fresh; after false it holds no
/// sense and has to be made fresh again.
bool read_field(std::string_view text, Uri& uri);
bool read_field(std::string_view text, Via& via);
bool read_field(std::string_view text, NameAddr& addr);
bool read_field(std::string_view text, CSeq& cseq);

template <class Field>
base::Result<Field> parse_field(std::string_view text) {
  base::Result<Field> result(std::in_place);
  if (!read_field(text, *result)) result = base::Failure(base::Error::malformed);
  return result;
}

}  // namespace opensips::parser
