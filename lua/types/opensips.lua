---@meta sip
-- Made from the server's table of functions by `make generate`. For editors; the server does not read it.

---@alias duration number|string Seconds, or text with a unit: "500ms", "20s", "4h"
---@alias target string|uri|{uri: string, flow?: string, next_hop?: string, no_connect?: boolean, q?: number}

---@class sip
---@field version string The server's version.
---@field generation integer Which version of the script this is: 1 when the server has started, one more with each reload.
---@field location location Where users are registered.
local sip = {}

---Names the function that gets the initial requests: handler(request). What it does not answer, relay or drop is answered 500 when it has ended.
---@param handler fun(req: request)
function sip.on_request(handler) end

---Names the function that gets requests inside a dialog that carry no Route of this server: handler(request). ACK is one of them. Without it they are answered 481.
---@param handler fun(req: request)
function sip.on_in_dialog(handler) end

---Names a function that runs before the first request, once for each worker.
---@param handler fun(req: request)
function sip.on_startup(handler) end

---Writes a line to the server's log. If there are several arguments and the first one is "err", "warn", "notice", "info" or "debug", it is the level; else it is "info". The others are joined with blanks.
---@param ... any
function sip.log(...) end

---Lets that time pass. Ends early, with nil and "cancelled", when the caller gives up. Waits.
---@param time duration
function sip.sleep(time) end

---Whether a host is one that this server is for: an address it listens on, or an alias.
---@param host string
---@return boolean
function sip.is_local(host) end

---Seconds, with fractions, of a clock that never goes back; for measuring. The time of day is os.time().
---@return number
function sip.now() end

---Sends a request of the server's own and waits for the final answer. One that never came is a 408, or a 503 if it could not be sent, made here. A challenge is answered if there is a user. Ends early, with nil and "cancelled", when the caller gives up. Waits.
---@param options {method?: string, uri?: string, from?: string, to?: string, route?: string, headers?: table, content_type?: string, body?: string, user?: string, password?: string, ha1?: string, timeout?: duration, next_hop?: string, socket?: string}
---@return response?
---@return string? err
function sip.request(options) end

---@class request
---@field method string "INVITE", "REGISTER", …
---@field ruri uri|string The Request-URI.
---@field from name_addr|string From.
---@field to name_addr|string To.
---@field call_id string Call-ID.
---@field cseq integer The number in CSeq.
---@field source source Where the request came from.
---@field max_forwards integer? Max-Forwards as it came.
---@field is_initial boolean Whether it is outside of a dialog: To has no tag.
---@field user_agent string? User-Agent.
---@field id string A name for this run of the handler, for logs.
---@field cancelled boolean Whether the caller has given up.
---@field answered boolean Whether it has been answered finally, relayed or dropped.
---@field ctx table A table for whatever the script wants to keep until the handler ends.
---@field socket string? The socket to send from, if one was assigned.
---@field body string The body; empty text if there is none.
---@field content_type string? Content-Type.
---@field contact name_addr? The first Contact.
---@field contacts name_addr[] All Contacts, however many headers they stand in.
local request = {}

---The value of the first header of that name, or of the nth.
---@param name string
---@param n? integer
---@return string?
function request:header(name, n) end

---The values of all headers of that name.
---@param name string
---@return string[]
function request:headers(name) end

---Whether there is one.
---@param name string
---@return boolean
function request:has_header(name) end

---Makes it the only header of that name.
---@param name string
---@param value string
function request:set_header(name, value) end

---Adds one behind the others.
---@param name string
---@param value string
function request:add_header(name, value) end

---Removes all headers of that name; how many there were.
---@param name string
---@return integer
function request:remove_header(name) end

---Answers the request; with a code below 200 provisionally.
---@param code integer
---@param reason? string
---@param options? {headers?: table, content_type?: string, body?: string}
---@return true?
---@return string? err
function request:reply(code, reason, options) end

---Forwards the request, to its Request-URI or to the target, and the answer back when it comes. Does not wait.
---@param target? target|target[]
---@param options? {timeout?: duration}
---@return true?
---@return string? err
function request:relay(target, options) end

---Forwards the request to all targets at once and waits for the best final response, which is the caller's to forward(). A 2xx has been forwarded when it is here. Waits.
---@param targets target|target[]
---@param options? {timeout?: duration}
---@return response?
---@return string? err
function request:fork(targets, options) end

---Leaves the request unanswered.
---@return true?
---@return string? err
function request:drop() end

---Sends answers by UDP to the port that the request came from, as if its Via had rport (RFC 3581): for phones behind NAT.
---@return true
function request:force_rport() end

---Does what a REGISTER asks for and answers it: 200 with the contacts, or what is wrong.
---@param options? {aor?: string, max_contacts?: integer, overwrite?: boolean, default_expires?: duration, min_expires?: duration, max_expires?: duration}
---@return true?
---@return string? err
function request:save_location(options) end

---@class response
---@field code integer 100 to 699.
---@field reason string The reason phrase.
---@field to name_addr To, with the tag of who answered.
---@field source source Where it came from.
---@field is_local boolean Whether it was made here, because nobody answered or could be reached.
---@field body string The body; empty text if there is none.
---@field content_type string? Content-Type.
---@field contact name_addr? The first Contact.
---@field contacts name_addr[] All Contacts, however many headers they stand in.
local response = {}

---Answers the request with it. Of a 2xx that has happened already; then this does nothing.
---@return true?
---@return string? err
function response:forward() end

---The value of the first header of that name, or of the nth.
---@param name string
---@param n? integer
---@return string?
function response:header(name, n) end

---The values of all headers of that name.
---@param name string
---@return string[]
function response:headers(name) end

---Whether there is one.
---@param name string
---@return boolean
function response:has_header(name) end

---@class uri
---@field scheme string? "sip", "sips" or "tel", as it stands.
---@field user string? The user, with its escapes; of a tel URI the number.
---@field host string? The host; an IPv6 address in its brackets.
---@field port integer? The port, if one is given.
---@field params table<string, string|true>? A copy of the parameters by name; true for one without a value.
local uri = {}

---@class name_addr
---@field uri string? The URI.
---@field user string? The user of the URI.
---@field host string? The host of the URI.
---@field display string? The display name, without quotes.
---@field tag string? The tag.
---@field params table<string, string|true>? A copy of the header's parameters by name; true for one without a value.
local name_addr = {}

---@class source
---@field ip string The address that the message came from, IPv6 without brackets.
---@field port integer The port that it came from.
---@field transport string "udp", "tcp", "tls", "sctp", "ws" or "wss".
---@field socket string The socket of this server that it came to: "udp:192.0.2.1:5060".
---@field tls table Who sent it by TLS; nil if it came by something else, or its connection is gone. A table: version, cipher, cipher_bits, server_name (that the client asked for), has_certificate; and of the certificate verified, subject, issuer, common_name, serial, not_before and not_after (seconds since 1970), and the lists san_uri, san_hostname, san_ip and san_email.
local source = {}

---@class location
local location = {}

---The registered contacts of a user, or of the user in the Request-URI of a request: groups to try one after the other, each a list for request:fork(). err is "not found" if there are none.
---@param aor string|request|uri|name_addr
---@return target[][]?
---@return string? err
function location:lookup(aor) end

return sip
