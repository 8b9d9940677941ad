#include "l1_parser/method.hh"

namespace opensips::parser {

Method method_of(std::string_view text) {
  const auto either = [text](std::string_view name, Method method) {
    return text == name ? method : Method::other;
  };
  switch (text.size()) {
    case 3: return text == "ACK" ? Method::ack : either("BYE", Method::bye);
    case 4: return either("INFO", Method::info);
    case 5: return text == "PRACK" ? Method::prack : either("REFER", Method::refer);
    case 6:
      if (text == "INVITE") return Method::invite;
      if (text == "CANCEL") return Method::cancel;
      if (text == "NOTIFY") return Method::notify;
      return either("UPDATE", Method::update);
    case 7:
      if (text == "OPTIONS") return Method::options;
      if (text == "MESSAGE") return Method::message;
      return either("PUBLISH", Method::publish);
    case 8: return either("REGISTER", Method::register_);
    case 9: return either("SUBSCRIBE", Method::subscribe);
    default: return Method::other;
  }
}

std::string_view to_string(Method method) {
  switch (method) {
    case Method::invite: return "INVITE";
    case Method::ack: return "ACK";
    case Method::bye: return "BYE";
    case Method::cancel: return "CANCEL";
    case Method::options: return "OPTIONS";
    case Method::register_: return "REGISTER";
    case Method::prack: return "PRACK";
    case Method::update: return "UPDATE";
    case Method::refer: return "REFER";
    case Method::info: return "INFO";
    case Method::message: return "MESSAGE";
    case Method::subscribe: return "SUBSCRIBE";
    case Method::notify: return "NOTIFY";
    case Method::publish: return "PUBLISH";
    case Method::other: break;
  }
  return {};
}

}  // namespace opensips::parser
