#include "config/rows/groups.hh"
#include "config/rows/row.hh"

namespace opensips::config::rows {
namespace {

using S = Settings;
using Ws = WsSettings;

constexpr std::string_view kProtoWs = "proto_ws";
constexpr std::string_view kProtoWss = "proto_wss";

constexpr Parameter kRows[] = {
    duration(kProtoWs, "ws_handshake_timeout", &at<&S::ws, &Ws::handshake_timeout>, kMs, 10, 60'000,
             "Wait for the whole HTTP request of a WebSocket client; in milliseconds."),
    duration(
        kProtoWs, "ws_keepalive_interval", &at<&S::ws, &Ws::keepalive_interval>, kSecond, 0, kDay,
        "Ping a WebSocket client from which nothing has come for so long, and close the connection "
        "unless something comes within as long again; 0 is never; in seconds."),
    boolean(kProtoWs, "require_origin", &at<&S::ws, &Ws::require_origin>,
            "Refuse WebSocket clients that name no Origin, as browsers do."),
    long_text(kProtoWs, "ws_allowed_origins", &at<&S::ws, &Ws::allowed_origins>,
              "Origins of the pages that may connect, with blanks between them, as "
              "\"https://phone.example.com\"; all if there are none."),
    text(kProtoWs, "ws_resource", &at<&S::ws, &Ws::resource>,
         "Path that WebSocket clients have to ask for, as \"/sip\"; any if there is none."),
    no_effect(kProtoWs, "ws_port", Type::integer, "A socket has port 80 unless it says more."),
    no_effect(kProtoWs, "ws_send_timeout", Type::integer, "See tcp_send_timeout of proto_tcp."),
    no_effect(kProtoWs, "ws_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),
    no_effect(kProtoWss, "wss_port", Type::integer, "A socket has port 443 unless it says more."),
    no_effect(kProtoWss, "wss_resource", Type::any, "See ws_resource of proto_ws."),
    no_effect(kProtoWss, "wss_handshake_timeout", Type::integer,
              "See ws_handshake_timeout of proto_ws."),
    no_effect(kProtoWss, "wss_max_msg_chunks", Type::integer,
              "A message may come in any number of pieces: see tcp_max_msg_time."),
    no_effect(kProtoWss, "require_origin", Type::boolean, "See require_origin of proto_ws."),
};

}  // namespace

std::span<const Parameter> of_websockets() {
  return kRows;
}

}  // namespace opensips::config::rows
