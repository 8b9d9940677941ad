---@meta sip
-- Made from the server's table of functions by `make generate`. For editors; the server does not read it.
-- long file: as long as the table.

---@alias dialog_handler fun(dialog: dialog, event: string)
---@alias response_handler fun(res: response, req: request)
---@alias event_handler fun(event: table, name: string)
---@alias duration number|string Seconds, or text with a unit: "500ms", "20s", "4h"
---@alias http_answer {status: integer, headers: table<string, string>, body: string}
---@alias target string|uri|{uri: string, flow?: string, next_hop?: string, socket?: string, no_connect?: boolean, q?: number}

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

---Names the function that gets requests inside the dialogs that were made with show_requests: handler(request). ACK is one of them. They are valid already, and go on their way when it has ended, unless it has answered or dropped them.
---@param handler fun(req: request)
function sip.on_dialog_request(handler) end

---Names the function that is told when a dialog is made or passes to another state: handler(dialog, state), with state "unconfirmed", "early", "unacknowledged" (a 2xx has gone to the caller), "confirmed" or "ended". It is always the current version of the script that is told: what it has to remember is in dialog.vars.
---@param handler dialog_handler
function sip.on_dialog(handler) end

---Names a function that runs before the first request, once for each worker.
---@param handler fun(req: request)
function sip.on_startup(handler) end

---Names the function that gets each branch of a request that is relayed or forked, just before it is sent: handler(request). What it changes of the request (Request-URI, headers, body, socket) is changed for this branch alone; without a next_hop or flow of its target the branch goes to where its Request-URI says. request:drop() takes the branch out. It may not wait, nor answer. An ACK is no branch, nor is a request inside a dialog that goes its own way. If it fails, the branch is not sent.
---@param handler fun(req: request)
function sip.on_branch(handler) end

---Names the function that gets each response to a request that was relayed or forked, of every branch, before the best one is chosen: handler(response, request). Not 100, which goes no further anyway, nor a 503 of a server that has others behind it; but what this server makes itself where none comes, and a 2xx as often as it is repeated. It may change headers and body, and response:drop() a provisional one. It may not wait: what has to is begun with sip.spawn. If it fails, the response goes on.
---@param handler response_handler
function sip.on_response(handler) end

---Names the function that gets each request that the server sends of its own, just before it is sent: handler(request). Those of sip.request and of dialogs are such, BYE and pings of theirs, and pings of contacts; CANCEL and ACK are not. It may change Request-URI, headers, body and socket, of which what goes over a client's own way (its connection, or where a NAT shows it) stays on that; request:drop() keeps it from being sent, and whoever wanted it sent hears of an error. It may not wait. If it fails, the request goes out as it was.
---@param handler fun(req: request)
function sip.on_local_request(handler) end

---Writes a line to the server's log. If there are several arguments and the first one is "err", "warn", "notice", "info" or "debug", it is the level; else it is "info". The others are joined with blanks.
---@param ... any
function sip.log(...) end

---Lets that time pass. Ends early, with nil and "cancelled", when the caller gives up. Waits.
---@param time duration
function sip.sleep(time) end

---Whether a host is one that this server is for: an address it listens on, an alias, or a domain of the table.
---@param host string
---@return boolean
function sip.is_local(host) end

---What the table of domains has in its column attrs for the domain that the host belongs to: an empty text if that is empty, nil if the host is in no domain of the table.
---@param host string
---@return string
function sip.domain_attributes(host) end

---Seconds, with fractions, of a clock that never goes back; for measuring. The time of day is os.time().
---@return number
function sip.now() end

---Sends a request of the server's own and waits for the final answer. One that never came is a 408, or a 503 if it could not be sent, made here. A challenge is answered if there is a user. Ends early, with nil and "cancelled", when the caller gives up. Waits.
---@param options {method?: string, uri?: string, from?: string, to?: string, route?: string, headers?: table, content_type?: string, body?: string, user?: string, password?: string, ha1?: string, timeout?: duration, next_hop?: string, socket?: string}
---@return response?
---@return string? err
function sip.request(options) end

---Whether a SIP URI leads to this server: its host is one of ours, and its port, if it has one, one that we listen on.
---@param uri string
---@return boolean
function sip.is_myself(uri) end

---Whether it is an IP address, IPv6 with or without brackets.
---@param text string
---@return boolean
function sip.is_ip(text) end

---Whether an address is in a range, or in one of a list of them: "192.0.2.0/24", "2001:db8::/32", one address alone. What is no address is in none.
---@param ip string
---@param ranges string|string[]
---@return boolean
function sip.ip_in(ip, ranges) end

---Whether an address is good in a local network only: those of RFC 1918, 6598, 3927 and 4193, link-local ones and loopback.
---@param ip string
---@return boolean
function sip.is_private(ip) end

---A whole number from the least to the most that nobody can guess.
---@param least integer
---@param most integer
---@return integer
function sip.random(least, most) end

---Letters and digits that nobody can guess, 22 if it is not said how many.
---@param length? integer
---@return string
function sip.random_id(length) end

---A random UUID (RFC 9562).
---@return string
function sip.uuid() end

---Whether it is a time that the rule names, or the given one is, in seconds since 1970. The rule is written as OpenSIPS writes it: "Europe/Berlin|20200101T080000||10H|weekly|||MO,TU,WE,TH,FR", several joined by & or /, with ! for not. Only the first time that a rule is met it waits, until it has been read. Waits.
---@param rule string
---@param time? integer
---@return boolean?
---@return string? err
function sip.in_time(rule, time) end

---The table of that name, which all workers share, and all versions of the script: what one sets, the others see at once, until the server ends. All tables together may hold script_shared_memory.
---@param name string
---@return shared
function sip.shared(name) end

---Names a function that runs again and again, the first time when that time has passed; on one of the workers. It may wait; while it does it is not begun once more. With the next version of the script it ends, and that one's begin. Several may be named.
---@param time duration
---@param handler fun(req: request)
---@param options? {each_worker?: boolean}
function sip.every(time, handler, options) end

---Has a function run beside this handler, with those arguments: it begins soon after, may wait, and goes on when this handler has ended. It has no request: one that it is given is no longer good in it.
---@param handler fun(req: request)
---@param ... any
---@return true?
---@return string? err
function sip.spawn(handler, ...) end

---The database at a URL, as "sqlite:///FILE"; db_default_url without one. It is connected to when it is named first, and stays so.
---@param url? string
---@return sql?
---@return string? err
function sip.sql(url) end

---Names the function that is told of an event, of the server or of the script's own: handler(event, name), with a table of its fields. It runs once for each event, on the worker where it has happened, and may wait; it is the current version of the script that is told. When events come faster than they can be told of, those beyond 1000 that wait, or beyond 1000 handlers that run, are dropped and counted (event:dropped). Several events may be named, each once.
---@param name string
---@param handler event_handler
function sip.on_event(name, handler) end

---Something of the script's own has happened: who listens for an event of that name is told, on all workers and on management connections. The name begins with E_, and not like one of the server's. The fields are text, numbers and booleans, at most 32 of them and 8192 bytes in all. Nobody is waited for.
---@param name string
---@param fields? table
function sip.raise(name, fields) end

---Waits for the next event of that name, on whatever worker it happens, that has these fields with these values; nil as the filter means any. Gives its fields. err is "timed out" when the time has passed, "cancelled" when the caller gives up. Waits.
---@param name string
---@param filter? table
---@param limit duration
---@return table?
---@return string? err
function sip.wait(name, filter, limit) end

---The server of Redis at a URL, redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]; several hosts, divided by commas, are tried in turn. With a Cluster any of its servers will do: it says which one has what. With a name in place of the number the hosts are Sentinels, which are asked which server is the master of that name. It is connected to when it is named first, and stays so.
---@param url string
---@return redis?
---@return string? err
function sip.redis(url) end

---@class request
---@field method string "INVITE", "REGISTER", …
---@field ruri uri|string The Request-URI.
---@field from name_addr|string From.
---@field to name_addr|string To.
---@field call_id string Call-ID.
---@field cseq integer The number in CSeq.
---@field source source? Where the request came from; nil of one of the server's own.
---@field raw string The whole message as it came: for logs.
---@field max_forwards integer? Max-Forwards as it came.
---@field is_initial boolean Whether it is outside of a dialog: To has no tag.
---@field user_agent string? User-Agent.
---@field id string A name for this run of the handler, for logs.
---@field cancelled boolean Whether the caller has given up.
---@field answered boolean Whether it has been answered finally, relayed or dropped.
---@field ctx table A table for whatever the script wants to keep with the transaction: the handlers of its branches and responses see the same one, also when the request's own has ended.
---@field socket string? The socket to send from, if one was assigned.
---@field body string The body; empty text if there is none.
---@field content_type string? Content-Type.
---@field contact name_addr? The first Contact.
---@field contacts name_addr[] All Contacts, however many headers they stand in.
---@field is_first_hop boolean Whether no other proxy stands before this one: there is one Via, and no Record-Route.
---@field dialog dialog? The dialog that was made for this INVITE, or that the request is in; nil if there is none.
---@field on_branch fun(req: request) A function for the branches of this request, in place of the one that sip.on_branch names; nil: that one.
---@field on_response response_handler A function for the responses to this request, in place of the one that sip.on_response names; nil: that one.
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

---The values of all headers of that name, those that stand in one line, divided by commas, each for itself: Route, Record-Route, Via, Contact, Supported, …
---@param name string
---@return string[]
function request:values(name) end

---The names of all headers, in their order and spelling.
---@return string[]
function request:header_names() end

---Whether there is one.
---@param name string
---@return boolean
function request:has_header(name) end

---Makes it the only header of that name; with n it takes the place of the nth.
---@param name string
---@param value string
---@param n? integer
function request:set_header(name, value, n) end

---Adds one behind all others.
---@param name string
---@param value string
function request:add_header(name, value) end

---Adds one before the first of that name, else before all others.
---@param name string
---@param value string
function request:prepend_header(name, value) end

---Removes all headers of that name, or the nth alone; how many it were.
---@param name string
---@param n? integer
---@return integer
function request:remove_header(name, n) end

---Answers the request; with a code below 200 provisionally.
---@param code integer
---@param reason? string
---@param options? {headers?: table, content_type?: string, body?: string}
---@return true?
---@return string? err
function request:reply(code, reason, options) end

---Forwards the request, to its Request-URI or to the target, and the answer back when it comes. Does not wait.
---@param target? target|target[]
---@param options? {timeout?: duration, fr_timeout?: duration, fr_inv_timeout?: duration, stateless?: boolean}
---@return true?
---@return string? err
function request:relay(target, options) end

---Forwards the request to all targets at once and waits for the best final response, which is the caller's to forward(). A 2xx has been forwarded when it is here. Waits.
---@param targets target|target[]
---@param options? {timeout?: duration, fr_timeout?: duration, fr_inv_timeout?: duration}
---@return response?
---@return string? err
function request:fork(targets, options) end

---Leaves the request unanswered; in the handler of branches: leaves this branch out. If no branch is left, the request is answered 480, or fork gives nil. In the handler of the server's own requests: it is not sent.
---@return true?
---@return string? err
function request:drop() end

---Calls an INVITE off as its caller would: soon after, branches without a final answer get a CANCEL, with that as its Reason (RFC 3326: 'Q.850;cause=16'), and the caller a 487. Of one that has been answered nothing comes.
---@param reason? string
---@return true?
---@return string? err
function request:cancel(reason) end

---Sends answers by UDP to the port that the request came from, as if its Via had rport (RFC 3581): for phones behind NAT.
---@return true
function request:force_rport() end

---Does what a REGISTER asks for and answers it: 200 with the contacts, or what is wrong; 503 if a database that has to have them does not answer. Waits.
---@param options? {aor?: string, max_contacts?: integer, overwrite?: boolean, default_expires?: duration, min_expires?: duration, max_expires?: duration, path?: string, match?: string}
---@return true?
---@return string? err
function request:save_location(options) end

---Whether its method is one of these: req:is_method("INVITE", "SUBSCRIBE").
---@param ... any
---@return boolean
function request:is_method(...) end

---Whether all that stands in its headers is well-formed, those that nothing here has had to read too: Via, Route, Record-Route and Contact, Expires, Require and the like, a body's Content-Type, the Contact that an INVITE needs. What has no readable Via, From, To, CSeq or Request-URI was refused before.
---@return true?
---@return string? err
function request:check() end

---Whether there is a body, or one of that type, which may be a part of a multipart body.
---@param type? string
---@return boolean
function request:has_body(type) end

---The body of that type ("application/sdp"): all of it, or a part of a multipart body.
---@param type string
---@return string?
function request:body_part(type) end

---The parts of a multipart body, or the one body that there is.
---@return {content_type: string, body: string}[]
function request:body_parts() end

---Puts another body of that type in the place of the one that there is, or adds it, which may make the body multipart/mixed; nil: takes it away.
---@param type string
---@param body? string
function request:set_body_part(type, body) end

---What the SDP in the body says, as sip.parse.sdp gives it. A copy: change it, then give it to set_sdp().
---@return table?
---@return string? err
function request:sdp() end

---Another SDP, as text or as a table of that kind, in the place of the one that there is, or added as set_body_part() does; nil: none.
---@param description any
function request:set_sdp(description) end

---Makes a dialog for this INVITE, before it is forwarded: the call is counted, can be listed and ended, and what passes in it is checked. Harmless if there is one. One that asks for too short a session is answered 422.
---@param options? {lifetime?: duration, ping?: duration, ping_by?: string, ping_side?: string, session_expires?: duration, min_se?: duration, show_requests?: boolean}
---@return dialog?
---@return string? err
function request:create_dialog(options) end

---@class response
---@field code integer 100 to 699.
---@field reason string The reason phrase.
---@field to name_addr To, with the tag of who answered.
---@field source source Where it came from.
---@field raw string The whole message as it came: for logs.
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

---In the handler of responses: a provisional one goes no further.
---@return true?
---@return string? err
function response:drop() end

---The value of the first header of that name, or of the nth.
---@param name string
---@param n? integer
---@return string?
function response:header(name, n) end

---The values of all headers of that name.
---@param name string
---@return string[]
function response:headers(name) end

---The values of all headers of that name, those that stand in one line, divided by commas, each for itself: Route, Record-Route, Via, Contact, Supported, …
---@param name string
---@return string[]
function response:values(name) end

---The names of all headers, in their order and spelling.
---@return string[]
function response:header_names() end

---Whether there is one.
---@param name string
---@return boolean
function response:has_header(name) end

---Makes it the only header of that name; with n it takes the place of the nth.
---@param name string
---@param value string
---@param n? integer
function response:set_header(name, value, n) end

---Adds one behind all others.
---@param name string
---@param value string
function response:add_header(name, value) end

---Adds one before the first of that name, else before all others.
---@param name string
---@param value string
function response:prepend_header(name, value) end

---Removes all headers of that name, or the nth alone; how many it were.
---@param name string
---@param n? integer
---@return integer
function response:remove_header(name, n) end

---Whether there is a body, or one of that type, which may be a part of a multipart body.
---@param type? string
---@return boolean
function response:has_body(type) end

---The body of that type ("application/sdp"): all of it, or a part of a multipart body.
---@param type string
---@return string?
function response:body_part(type) end

---The parts of a multipart body, or the one body that there is.
---@return {content_type: string, body: string}[]
function response:body_parts() end

---Puts another body of that type in the place of the one that there is, or adds it, which may make the body multipart/mixed; nil: takes it away.
---@param type string
---@param body? string
function response:set_body_part(type, body) end

---What the SDP in the body says, as sip.parse.sdp gives it. A copy: change it, then give it to set_sdp().
---@return table?
---@return string? err
function response:sdp() end

---Another SDP, as text or as a table of that kind, in the place of the one that there is, or added as set_body_part() does; nil: none.
---@param description any
function response:set_sdp(description) end

---@class uri
---@field scheme string? "sip", "sips" or "tel", as it stands.
---@field user string? The user, with its escapes; of a tel URI the number.
---@field password string? The password, with its escapes.
---@field host string? The host; an IPv6 address in its brackets.
---@field port integer? The port, if one is given.
---@field params table<string, string|true>? A copy of the parameters by name; true for one without a value.
---@field headers string? What stands behind the '?'.
local uri = {}

---@class name_addr
---@field uri string? The URI.
---@field user string? The user of the URI.
---@field host string? The host of the URI.
---@field port integer? The port of the URI, if one is given.
---@field scheme string? The scheme of the URI.
---@field uri_params table<string, string|true>? A copy of the URI's own parameters by name.
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

---The registered contacts of a user, or of the user in the Request-URI of a request: groups to try one after the other, each a list for request:fork(). err is "not found" if there are none, "method not allowed" if none of them takes the method. Where a database has to be asked, err may say what sql:query() says of it. Waits.
---@param aor string|request|uri|name_addr
---@param options? {method?: string}
---@return target[][]?
---@return string? err
function location:lookup(aor, options) end

---@class sip.parse
sip.parse = {}

---The parts of a URI: scheme, user, password, host, port, params (by name, true for one without a value) and headers (behind the '?'), each as it stands; what is not there is nil.
---@param text string
---@return table?
---@return string? err
function sip.parse.uri(text) end

---The parts of a value like that of From or Contact: display (without its quotes), uri, tag and params.
---@param text string
---@return table?
---@return string? err
function sip.parse.address(text) end

---The parts of one Via: transport, host, port, branch, received and params.
---@param text string
---@return table?
---@return string? err
function sip.parse.via(text) end

---A header's value divided at its commas, but not at those inside quotes and angle brackets.
---@param text string
---@return string[]
function sip.parse.list(text) end

---Parameters as "a=1;lr" by name; true for one without a value.
---@param text string
---@return table<string, string|true>
function sip.parse.params(text) end

---What a JSON text says. An object is a table by name, in which null leaves nothing; in a list null is false. At most 32 levels and 100,000 values.
---@param text string
---@return any?
---@return string? err
function sip.parse.json(text) end

---version, origin (username, session_id, session_version, net_type, address_type, address), name, info, uri, connection (net_type, address_type, address), bandwidths, times, attributes (a list: "sendrecv", "rtpmap:0 PCMU/8000"), other (lines of other types, whole), and media: a list of tables with type, port, ports, protocol, formats (a list), info, connection, bandwidths, attributes and other.
---@param text string
---@return table?
---@return string? err
function sip.parse.sdp(text) end

---@class sip.write
sip.write = {}

---A URI of its parts, named as sip.parse.uri names them.
---@param parts {scheme?: string, user?: string, password?: string, host?: string, port?: integer, params?: table, headers?: string}
---@return string
function sip.write.uri(parts) end

---A value for From, Contact and the like.
---@param parts {display?: string, uri?: string, params?: table}
---@return string
function sip.write.address(parts) end

---Parameters as "a=1;lr", in the order of their names.
---@param params table
---@return string
function sip.write.params(params) end

---The value as JSON: a table with 1, 2, … is a list, any other an object, one that is empty too.
---@param value any
---@return string
function sip.write.json(value) end

---A table as sip.parse.sdp gives it, as text. What is left out gets a usual value.
---@param description table
---@return string
function sip.write.sdp(description) end

---@class sip.encode
sip.encode = {}

---Base64 (RFC 4648 4).
---@param bytes string
---@return string
function sip.encode.base64(bytes) end

---Base64 for URLs, without padding (RFC 4648 5).
---@param bytes string
---@return string
function sip.encode.base64url(bytes) end

---Two hexadecimal digits for each byte.
---@param bytes string
---@return string
function sip.encode.hex(bytes) end

---For a part of a URI, of whatever kind: all but letters, digits and -._~ escaped with '%'.
---@param bytes string
---@return string
function sip.encode.uri(bytes) end

---@class sip.decode
sip.decode = {}

---The bytes that are written so in base64.
---@param text string
---@return string?
---@return string? err
function sip.decode.base64(text) end

---The bytes that are written so in base64 for URLs.
---@param text string
---@return string?
---@return string? err
function sip.decode.base64url(text) end

---The bytes that are written so in hexadecimal digits.
---@param text string
---@return string?
---@return string? err
function sip.decode.hex(text) end

---A part of a URI without its escapes. What comes out may hold any byte.
---@param text string
---@return string?
---@return string? err
function sip.decode.uri(text) end

---@class sip.hash
sip.hash = {}

---MD5, in hexadecimal.
---@param bytes string
---@return string?
---@return string? err
function sip.hash.md5(bytes) end

---SHA-1, in hexadecimal.
---@param bytes string
---@return string?
---@return string? err
function sip.hash.sha1(bytes) end

---SHA-256, in hexadecimal.
---@param bytes string
---@return string?
---@return string? err
function sip.hash.sha256(bytes) end

---SHA-384, in hexadecimal.
---@param bytes string
---@return string?
---@return string? err
function sip.hash.sha384(bytes) end

---SHA-512, in hexadecimal.
---@param bytes string
---@return string?
---@return string? err
function sip.hash.sha512(bytes) end

---CRC-32, as zlib and Ethernet have it: for sharing out, not for secrets.
---@param bytes string
---@return integer
function sip.hash.crc32(bytes) end

---A code that proves the key is known (RFC 2104), in hexadecimal; by "md5", "sha1", "sha256", "sha384" or "sha512".
---@param algorithm string
---@param key string
---@param bytes string
---@return string?
---@return string? err
function sip.hash.hmac(algorithm, key, bytes) end

---@class sip.regex
sip.regex = {}

---Whether the expression matches somewhere in the text. The flag "i" ignores case. One that would take too long on this text gives nil. In Lua's [[…]] backslashes stand for themselves.
---@param text string
---@param pattern string
---@param flags? string
---@return boolean?
---@return string? err
function sip.regex.test(text, pattern, flags) end

---What matched: the whole first, then the groups, nine at most, with false for one that took no part; nil and "no match" if there is none.
---@param text string
---@param pattern string
---@param flags? string
---@return (string|false)[]?
---@return string? err
function sip.regex.match(text, pattern, flags) end

---The text with what matches replaced, everywhere, or with "1" at the end of the flags the first time. In the replacement \0 is what matched, \1 to \9 are groups.
---@param text string
---@param pattern string
---@param replacement string
---@param flags? string
---@return string?
---@return string? err
function sip.regex.replace(text, pattern, replacement, flags) end

---@class sip.http
sip.http = {}

---Asks a web server and waits for the answer: a table with status, headers (by name in small letters) and body. Whatever the status, it is an answer; err is for what is none: "timed out", "the answer is too large", no connection, no name, a certificate that is not good. Redirections are not followed. Connections are used again; a worker has 32 to a host at a time, and requests beyond wait for one. Waits.
---@param url string
---@param options? {method?: string, headers?: table, content_type?: string, body?: string, timeout?: duration, max_size?: integer, ca_file?: string}
---@return http_answer?
---@return string? err
function sip.http.get(url, options) end

---The same with a body; application/json if content_type says nothing else. Waits.
---@param url string
---@param body string
---@param options? {method?: string, headers?: table, content_type?: string, body?: string, timeout?: duration, max_size?: integer, ca_file?: string}
---@return http_answer?
---@return string? err
function sip.http.post(url, body, options) end

---@class sip.dns
sip.dns = {}

---What name servers say of a name, from the server's cache or by asking them. Type "A", which is meant if nothing is said, or "AAAA": a list of addresses; "SRV": of tables with priority, weight, port and target; "NAPTR": with order, preference, service and replacement, of those that lead to SRV. Waits.
---@param name string
---@param type? string
---@return any[]?
---@return string? err
function sip.dns.resolve(name, type) end

---@class sip.dialog
sip.dialog = {}

---How many dialogs are in a profile, on all workers: with that value, or with any.
---@param name string
---@param value? string
---@return integer
function sip.dialog.profile_size(name, value) end

---@class shared
local shared = {}

---The value of that name, nil if there is none (any more).
---@param name string
---@return boolean|number|string|nil
function shared:get(name) end

---Sets a value, for good or for as long as it is said. err is "full" when there is no memory left.
---@param name string
---@param value boolean|number|string
---@param expires? duration
---@return true?
---@return string? err
function shared:set(name, value, expires) end

---Sets a value if the one that is there is the expected one, nil: if there is none: both in one step, whoever else does the same. err is "refused" if it is another.
---@param name string
---@param expected? boolean|number|string
---@param value boolean|number|string
---@param expires? duration
---@return true?
---@return string? err
function shared:set_if(name, expected, value, expires) end

---Adds to a number, 1 if it is not said what, and gives what it is then; it begins at 0. One step, so a limit holds exactly. err is "refused" if the number would pass `most`, and nothing is added, or if the value is no whole number.
---@param name string
---@param by? integer
---@param options? {expires?: duration, most?: integer}
---@return integer?
---@return string? err
function shared:increase(name, by, options) end

---Takes a value away; whether there was one.
---@param name string
---@return boolean
function shared:remove(name) end

---The names of all values, or of those that begin so, 10,000 at most, in no order.
---@param prefix? string
---@return string[]
function shared:names(prefix) end

---@class dialog
---@field id string Its number, as dialog:list has it.
---@field call_id string Call-ID.
---@field state string "unconfirmed", "early", "unacknowledged", "confirmed" or "ended".
---@field ending string? Why it has ended: "failed" (the INVITE was refused or given up), "caller" or "callee" (who sent BYE), "lifetime", "session" (not refreshed), "ping", "command" or "script".
---@field caller string The URI in the INVITE's From.
---@field callee string The URI in the INVITE's To.
---@field started integer When it was established, or else made: seconds since 1970.
---@field age number Seconds since it was established.
---@field lifetime number?|duration Seconds until both sides get a BYE; nil: never, or not established.
---@field vars variables What the script keeps with it.
local dialog = {}

---Ends it: both sides get a BYE; before it is answered callees get a CANCEL, and the caller a 487.
---@return true?
---@return string? err
function dialog:bye() end

---Sends a request to one side, "caller" or "callee", as if it came from the other, and waits for the answer. One that never came is a 408 made here. Waits.
---@param side string
---@param method string
---@param options? {headers?: table, content_type?: string, body?: string}
---@return response?
---@return string? err
function dialog:request(side, method, options) end

---Asks one side, "caller" or "callee", to call somebody else (RFC 3515), and waits for the answer. What comes of it the two sides tell each other. Waits.
---@param side string
---@param target string
---@return response?
---@return string? err
function dialog:refer(side, target) end

---Counts it in a profile until it ends, under a value if one is given. Asking whether the limit is reached and counting are one step, whatever other workers do.
---@param name string
---@param value? string
---@param options? {limit?: integer}
---@return true?
---@return string? err
function dialog:set_profile(name, value, options) end

---Does not count it there any more; whether it did.
---@param name string
---@param value? string
---@return boolean
function dialog:unset_profile(name, value) end

---Whether it is counted there, under that value or any.
---@param name string
---@param value? string
---@return boolean
function dialog:is_in_profile(name, value) end

---@class variables
---@field [string] string? A variable by its name, as dialog.vars.account; nil if there is none.
local variables = {}

---@class sql
local sql = {}

---Carries a statement of SQL out, with a value for each `?` in it, and waits for what it gives: a list of rows, each a table by the names of its columns, in which NULL is nil; or, of one that writes, `affected`, the number of rows, and `last_id`. err is "timed out" after db_query_timeout, "unavailable", "busy", "locked", "disk full", "read-only", "corrupt", "not there", or begins with "constraint: " or "statement: ". Values never become a part of the statement: whatever is in them does no harm. Waits.
---@param statement string
---@param ... any
---@return table?
---@return string? err
function sql:query(statement, ...) end

---@class redis
local redis = {}

---Has a command carried out, and waits for what it gives: text, a number, nil, or a list, in which false stands for nil. err is "timed out" after db_query_timeout, "unavailable", "busy", or "statement: " with what the server says, as of all that follow. Commands that change the connection (SUBSCRIBE, MULTI, SELECT) are refused. Waits.
---@param name string
---@param ... any
---@return any?
---@return string? err
function redis:command(name, ...) end

---What is kept by that key, or nil. Waits.
---@param key string|number
---@return string?
---@return string? err
function redis:get(key) end

---Keeps it. Waits.
---@param key string|number
---@param value string|number
---@param options? {expires?: duration, only_new?: boolean}
---@return true?
---@return string? err
function redis:set(key, value, options) end

---Forgets it. Whether it was there. Waits.
---@param key string|number
---@return boolean?
---@return string? err
function redis:del(key) end

---Adds to a number, 1 unless it is said. Gives what it is then. Waits.
---@param key string|number
---@param by? integer
---@return integer?
---@return string? err
function redis:incr(key, by) end

---From now on it lasts so long. Whether it was there. Waits.
---@param key string|number
---@param time duration
---@return boolean?
---@return string? err
function redis:expire(key, time) end

---A field of a hash, or nil. Waits.
---@param key string|number
---@param field string|number
---@return string?
---@return string? err
function redis:hget(key, field) end

---Sets one. Waits.
---@param key string|number
---@param field string|number
---@param value string|number
---@return true?
---@return string? err
function redis:hset(key, field, value) end

---Takes one away. Whether it was there. Waits.
---@param key string|number
---@param field string|number
---@return boolean?
---@return string? err
function redis:hdel(key, field) end

---All fields of a hash, by their names. Waits.
---@param key string|number
---@return table?
---@return string? err
function redis:hgetall(key) end

return sip
