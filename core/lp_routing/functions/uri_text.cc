#include "lp_routing/functions/uri_text.hh"

#include "lp_routing/functions/text.hh"

namespace opensips::routing {

std::optional<std::string> uri_text(const parser::Uri& parts) {
  using parser::Uri;
  std::string text(parts.scheme_text);
  text += ':';
  if (!parts.user.empty()) {
    text += parts.user;
    if (!parts.password.empty()) text.append(":").append(parts.password);
    if (parts.scheme != Uri::Scheme::tel) text += '@';
  }
  text += parts.host;
  if (parts.port != 0) text.append(":").append(std::to_string(parts.port));
  if (!parts.params.empty()) text.append(";").append(parts.params);
  if (!parts.headers.empty()) text.append("?").append(parts.headers);

  const auto uri = Uri::parse(text);
  const bool same = uri && uri->scheme_text == parts.scheme_text && uri->user == parts.user &&
                    uri->password == parts.password && uri->host == parts.host &&
                    uri->port == parts.port && uri->params == parts.params &&
                    uri->headers == parts.headers;
  if (!same || text.size() > kMaxLine || !is_line(text)) return std::nullopt;
  return text;
}

}  // namespace opensips::routing
