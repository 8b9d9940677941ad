#include "lp_routing/functions/address_text.hh"

#include "l1_parser/name_addr.hh"
#include "lp_routing/functions/text.hh"
#include "lp_routing/functions/unquoted.hh"

namespace opensips::routing {

std::optional<std::string> address_text(std::string_view display, std::string_view uri,
                                        std::string_view params) {
  std::string text;
  if (!display.empty()) text.append(quoted(display)).append(" ");
  text.append("<").append(uri).append(">");
  if (!params.empty()) text.append(";").append(params);

  const auto read = parser::NameAddr::parse(text);
  const bool same = read && read->uri() && read->uri_text == uri && read->params == params &&
                    unquoted(read->display) == display;
  if (!same || text.size() > kMaxLine || !is_line(text)) return std::nullopt;
  return text;
}

}  // namespace opensips::routing
