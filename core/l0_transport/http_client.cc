#include "l0_transport/http_client.hh"

#include <curl/curl.h>

#include <algorithm>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/intrusive_list.hh"

namespace opensips::transport {
namespace {

constexpr std::size_t kMaxHeaders = 65'536;  // bytes of all of an answer's

/// What belongs together: "https://example.com:443"; nothing if it is no URL of ours.
std::optional<std::string> host_of(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  std::string host;
  for (const auto part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
      return std::nullopt;
    }
    host.append(host.empty() ? "" : " ").append(text);
    curl_free(text);
  }
  if (!host.starts_with("http ") && !host.starts_with("https ")) return std::nullopt;
  return host;
}

void make_small(std::string& text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

/// One scheme, host and port.
struct HttpClient::Host {
  HttpClient& client;
  const std::string name;
  std::size_t active = 0;
  base::IntrusiveList<Exchange> queue;  // oldest first
  base::IntrusiveList<Exchange> on_the_way;
};

struct HttpClient::Multi {
  struct Watches {
    loop::WatchPtr readable, writable;
  };
  CURLM* curl = nullptr;
  std::unordered_map<int, Watches> watches;
  std::map<std::string, Host, std::less<>> hosts;  // for which somebody waits
  bool ending = false;
};

/// One request from send() until it is done. There may be very many that wait: they are small.
class HttpClient::Exchange : public base::ListHook<> {
 public:
  Exchange(Host& host, HttpRequest request, Done done)
      : host_(host),
        texts_(pack(request)),
        body_size_(request.body.size()),
        max_size_(request.max_size),
        done_(std::move(done)) {
    timers().arm(timer_, request.timeout_ms);
  }
  ~Exchange();

  Host& host() const { return host_; }
  bool is_active() const { return transfer_ != nullptr; }
  Done take_done() { return std::move(done_); }

  /// It goes on its way. If there is no memory for that it is over soon.
  void begin();
  Result result(CURLcode code);

 private:
  class Transfer;

  loop::TimerWheel& timers() const { return host_.client.worker_.context().timers; }

  /// Method, URL, CA file and headers, each with a zero behind it, one more, and the body.
  static std::unique_ptr<char[]> pack(const HttpRequest& request) {
    std::string all;
    for (const auto* const text : {&request.method, &request.url, &request.ca_file}) {
      all.append(*text).push_back('\0');
    }
    for (const auto& line : request.headers) all.append(line).push_back('\0');
    all.push_back('\0');
    all += request.body;
    auto packed = std::make_unique_for_overwrite<char[]>(all.size());
    std::ranges::copy(all, packed.get());
    return packed;
  }

  void on_timer();

  Host& host_;
  const std::unique_ptr<char[]> texts_;
  const std::size_t body_size_;
  const std::size_t max_size_;
  Done done_;
  std::unique_ptr<Transfer> transfer_;  // none while it waits
  loop::Timer timer_ = loop::Timer::calling<&Exchange::on_timer>(this);
};

/// What only a request on its way has.
class HttpClient::Exchange::Transfer {
 public:
  Transfer(CURLM* multi, std::size_t max_size) : multi_(multi), max_size_(max_size) {}
  ~Transfer() {
    if (!easy_) return;
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(lines_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  bool has_begun() const { return begun_; }

  /// False: there is no memory for it.
  bool begin(Exchange& exchange) {
    easy_ = curl_easy_init();
    if (!easy_) return false;
    set(CURLOPT_PRIVATE, &exchange);
    set_request(exchange);
    set_limits();
    begun_ = curl_multi_add_handle(multi_, easy_) == CURLM_OK;
    return begun_;
  }

  Result result(CURLcode code) {
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
      response_.status = static_cast<unsigned>(status);
      return std::move(response_);
    }
    if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
      return std::unexpected("the answer is too large");
    }
    return std::unexpected(error_[0] ? error_ : curl_easy_strerror(code));
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }

  /// libcurl copies all but the body.
  void set_request(const Exchange& exchange) {
    const char* at = exchange.texts_.get();
    const auto next = [&at] {
      const std::string_view text(at);
      at += text.size() + 1;
      return text;
    };
    const auto method = next();
    set(CURLOPT_CUSTOMREQUEST, method.data());
    if (method == "HEAD") set(CURLOPT_NOBODY, 1L);
    set(CURLOPT_URL, next().data());
    if (const auto ca_file = next(); !ca_file.empty()) set(CURLOPT_CAINFO, ca_file.data());
    for (auto line = next(); !line.empty(); line = next()) {
      lines_ = curl_slist_append(lines_, line.data());
    }
    if (exchange.body_size_ != 0 || method == "POST" || method == "PUT") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.body_size_));
      set(CURLOPT_POSTFIELDS, at);
      lines_ = curl_slist_append(lines_, "Expect:");  // it would wait a second for nothing
    }
    set(CURLOPT_HTTPHEADER, lines_);
    set(CURLOPT_USERAGENT, "OpenSIPS");
  }

  void set_limits() {
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");  // none from the environment
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a name that is still being looked up is not waited for
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(max_size_));
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& mine = *static_cast<Transfer*>(self);
    mine.too_large_ = mine.response_.body.size() + size > mine.max_size_;
    if (mine.too_large_) return 0;
    mine.response_.body.append(bytes, size);
    return size;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& mine = *static_cast<Transfer*>(self);
    mine.header_bytes_ += size;
    mine.too_large_ = mine.header_bytes_ > kMaxHeaders;
    if (mine.too_large_) return 0;
    const std::string_view line(bytes, size);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      if (line.starts_with("HTTP/")) mine.response_.headers.clear();  // of a 100 before it
      return size;
    }
    auto& [name, value] =
        mine.response_.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    make_small(name);
    return size;
  }

  CURLM* const multi_;
  const std::size_t max_size_;
  CURL* easy_ = nullptr;
  curl_slist* lines_ = nullptr;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool begun_ = false;
  char error_[CURL_ERROR_SIZE] = "";
};

HttpClient::Exchange::~Exchange() = default;

void HttpClient::Exchange::begin() {
  transfer_ = std::make_unique<Transfer>(host_.client.multi_->curl, max_size_);
  if (!transfer_->begin(*this)) timers().arm(timer_, 0);
}

HttpClient::Result HttpClient::Exchange::result(CURLcode code) {
  return transfer_->result(code);
}

void HttpClient::Exchange::on_timer() {
  auto& client = host_.client;
  const bool late = !transfer_ || transfer_->has_begun();
  if (late) client.worker_.context().stats.add(client.timed_out_);
  client.finish(*this, std::unexpected(late ? "timed out" : "out of memory"));
}

HttpClient::HttpClient(loop::Worker& worker, const HttpOptions& options)
    : worker_(worker),
      options_(options),
      multi_(std::make_unique<Multi>()),
      sent_(worker.context().statistics.counter("http:requests")),
      failed_(worker.context().statistics.counter("http:failures")),
      timed_out_(worker.context().statistics.counter("http:timeouts")) {
  static const CURLcode library = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(library);
  multi_->curl = curl_multi_init();
  const auto set = [&](CURLMoption option, auto value) {
    curl_multi_setopt(multi_->curl, option, value);
  };
  set(CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
  set(CURLMOPT_SOCKETDATA, this);
  set(
      CURLMOPT_SOCKETFUNCTION, +[](CURL*, curl_socket_t fd, int what, void* self, void*) {
        static_cast<HttpClient*>(self)->watch(fd, what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                                              what == CURL_POLL_OUT || what == CURL_POLL_INOUT);
        return 0;
      });
  set(CURLMOPT_TIMERDATA, this);
  set(
      CURLMOPT_TIMERFUNCTION, +[](CURLM*, long ms, void* self) {
        static_cast<HttpClient*>(self)->wake_in(ms);
        return 0;
      });
}

HttpClient::~HttpClient() {
  *alive_ = false;
  multi_->ending = true;
  for (auto& [name, host] : multi_->hosts) {
    for (auto* const list : {&host.queue, &host.on_the_way}) {
      while (auto* const exchange = list->pop_front()) delete exchange;
    }
  }
  curl_multi_cleanup(multi_->curl);
}

bool HttpClient::send(HttpRequest request, Done done) {
  if (exchanges_ >= options_.waiting) return false;
  const auto name = host_of(request.url);
  if (!name) return false;
  worker_.context().stats.add(sent_);
  Host& host = multi_->hosts.try_emplace(*name, *this, *name).first->second;
  ++exchanges_;
  host.queue.push_back(*new Exchange(host, std::move(request), std::move(done)));
  begin_next(host);
  return true;
}

/// As many of a host's as may be on their way. A host for which nobody waits is forgotten.
void HttpClient::begin_next(Host& host) {
  while (!host.queue.empty() && active_ < options_.connections &&
         host.active < options_.connections_per_host) {
    Exchange& next = *host.queue.pop_front();
    host.on_the_way.push_back(next);
    ++active_;
    ++host.active;
    next.begin();
  }
  if (host.active == 0 && host.queue.empty()) multi_->hosts.erase(multi_->hosts.find(host.name));
}

/// Of all hosts: there are fewer connections than may be.
void HttpClient::begin_waiting() {
  auto& hosts = multi_->hosts;
  for (auto at = hosts.begin(); at != hosts.end();) begin_next((at++)->second);
}

void HttpClient::finish(Exchange& exchange, Result result) {
  auto done = exchange.take_done();
  Host& host = exchange.host();
  const bool was_full = active_ == options_.connections;
  if (exchange.is_active()) {
    --active_;
    --host.active;
  }
  --exchanges_;
  delete &exchange;  // its connection is free for the next
  if (!result) worker_.context().stats.add(failed_);
  begin_next(host);
  if (was_full) begin_waiting();
  done(std::move(result));
}

/// libcurl says which of its descriptors matter; one that does not is about to be closed. The Watch
/// may be running at the moment: it ends at the end of the turn.
void HttpClient::watch(int fd, bool readable, bool writable) {
  auto& watches = multi_->watches[fd];
  const auto settle = [&](loop::WatchPtr& one, bool wanted, auto make) {
    if (wanted && !one) one = make();
    if (wanted || !one) return;
    one->pause();
    if (multi_->ending) return one.reset();
    worker_.context().defer([old = std::shared_ptr<loop::Watch>(std::move(one))] {});
  };
  settle(watches.readable, readable,
         [&] { return worker_.watch_readable(fd, [this, fd] { act(fd, CURL_CSELECT_IN); }); });
  settle(watches.writable, writable,
         [&] { return worker_.watch_writable(fd, [this, fd] { act(fd, CURL_CSELECT_OUT); }); });
  if (!readable && !writable) multi_->watches.erase(fd);
}

void HttpClient::act(int fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_->curl, fd, events, &running);
  collect();
}

/// Those that have ended. First all, then one after the other: who waits may begin others.
void HttpClient::collect() {
  std::vector<std::pair<Exchange*, Result>> ended;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_->curl, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Exchange* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    ended.emplace_back(exchange, exchange->result(message->data.result));
  }
  for (auto& [exchange, result] : ended) finish(*exchange, std::move(result));
}

/// What libcurl wants to do now it may not do inside its own callback.
void HttpClient::wake_in(long ms) {
  if (ms < 0) return timer_.cancel();
  if (ms > 0) return worker_.context().timers.arm(timer_, static_cast<std::uint64_t>(ms));
  timer_.cancel();
  worker_.context().defer([this, alive = alive_] {
    if (*alive) on_timer();
  });
}

void HttpClient::on_timer() {
  act(CURL_SOCKET_TIMEOUT, 0);
}

}  // namespace opensips::transport
