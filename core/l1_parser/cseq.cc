#include "l1_parser/cseq.hh"

#include "l1_parser/chars.hh"
#include "l1_parser/fields.hh"

namespace opensips::parser {

bool read_field(std::string_view text, CSeq& cseq) {
  constexpr std::uint32_t kMax = 0x7fffffff;
  const char* const end = text.data() + text.size();
  const char* const at = chars::read_number(text.data(), end, kMax, cseq.number);
  if (!at) return false;
  const char* const method = chars::skip_blanks(at, end);
  if (method == at) return false;
  cseq.method_text = chars::between(method, end);
  cseq.method = method_of(cseq.method_text);
  return cseq.method != Method::other || chars::is_token(cseq.method_text);
}

base::Result<CSeq> CSeq::parse(std::string_view text) {
  return parse_field<CSeq>(text);
}

}  // namespace opensips::parser
