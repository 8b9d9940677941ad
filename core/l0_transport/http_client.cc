#include "l0_transport/http_client.hh"

#include <curl/curl.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

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

struct HttpClient::Multi {
  struct Watches {
    loop::WatchPtr readable, writable;
  };
  CURLM* curl = nullptr;
  std::unordered_map<int, Watches> watches;
  bool ending = false;
};

/// One request from send() until it is done.
class HttpClient::Exchange {
 public:
  Exchange(HttpClient& client, std::uint64_t number, Hosts::iterator host, HttpRequest request,
           Done done)
      : client_(client),
        number_(number),
        host_(host),
        request_(std::move(request)),
        done_(std::move(done)) {
    client_.worker_.context().timers.arm(timer_, request_.timeout_ms);
  }
  ~Exchange() {
    if (!easy_) return;
    curl_multi_remove_handle(client_.multi_->curl, easy_);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(lines_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  std::uint64_t number() const { return number_; }
  Hosts::iterator host() const { return host_; }
  bool is_active() const { return easy_ != nullptr; }
  Done take_done() { return std::move(done_); }

  /// False: there is no memory for it.
  bool begin() {
    easy_ = curl_easy_init();
    if (!easy_) return false;
    for (const auto& line : request_.headers) lines_ = curl_slist_append(lines_, line.c_str());
    set_request();
    set_limits();
    return curl_multi_add_handle(client_.multi_->curl, easy_) == CURLM_OK;
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

  void set_request() {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    if (request_.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
      lines_ = curl_slist_append(lines_, "Expect:");  // it would wait a second for nothing
    }
    set(CURLOPT_HTTPHEADER, lines_);
    set(CURLOPT_USERAGENT, "OpenSIPS");
    if (!request_.ca_file.empty()) set(CURLOPT_CAINFO, request_.ca_file.c_str());
  }

  void set_limits() {
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");  // none from the environment
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a name that is still being looked up is not waited for
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_size));
    set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(CURLOPT_HEADERDATA, this);
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& mine = *static_cast<Exchange*>(self);
    mine.too_large_ = mine.response_.body.size() + size > mine.request_.max_size;
    if (mine.too_large_) return 0;
    mine.response_.body.append(bytes, size);
    return size;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& mine = *static_cast<Exchange*>(self);
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

  void on_timer() {
    client_.worker_.context().stats.add(client_.timed_out_);
    client_.finish(number_, std::unexpected("timed out"));
  }

  HttpClient& client_;
  const std::uint64_t number_;
  const Hosts::iterator host_;
  HttpRequest request_;
  Done done_;
  CURL* easy_ = nullptr;
  curl_slist* lines_ = nullptr;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  char error_[CURL_ERROR_SIZE] = "";
  loop::Timer timer_ = loop::Timer::calling<&Exchange::on_timer>(this);
};

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
  exchanges_.clear();
  curl_multi_cleanup(multi_->curl);
}

bool HttpClient::send(HttpRequest request, Done done) {
  if (exchanges_.size() >= options_.waiting) return false;
  const auto name = host_of(request.url);
  if (!name) return false;
  worker_.context().stats.add(sent_);
  const auto host = hosts_.try_emplace(*name).first;
  const auto number = next_number_++;
  exchanges_.emplace(
      number, std::make_unique<Exchange>(*this, number, host, std::move(request), std::move(done)));
  host->second.queue.push_back(number);
  begin_next(host);
  return true;
}

/// As many of a host's as may be on their way. A host for which nobody waits is forgotten.
void HttpClient::begin_next(Hosts::iterator at) {
  Host& host = at->second;
  while (!host.queue.empty() && active_ < options_.connections &&
         host.active < options_.connections_per_host) {
    const auto found = exchanges_.find(host.queue.front());
    host.queue.pop_front();
    if (found != exchanges_.end()) begin(*found->second);
  }
  if (host.active == 0 && host.queue.empty()) hosts_.erase(at);
}

void HttpClient::begin(Exchange& exchange) {
  ++active_;
  ++exchange.host()->second.active;
  if (exchange.begin()) return;
  worker_.context().defer([this, alive = alive_, number = exchange.number()] {
    if (*alive) finish(number, std::unexpected("out of memory"));
  });
}

/// Of all hosts: there are fewer connections than may be.
void HttpClient::begin_waiting() {
  for (auto at = hosts_.begin(); at != hosts_.end();) begin_next(at++);
}

void HttpClient::finish(std::uint64_t number, Result result) {
  const auto found = exchanges_.find(number);
  if (found == exchanges_.end()) return;
  auto exchange = std::move(found->second);
  exchanges_.erase(found);
  auto done = exchange->take_done();
  const auto host = exchange->host();
  const bool was_full = active_ == options_.connections;
  if (exchange->is_active()) {
    --active_;
    --host->second.active;
  }
  exchange.reset();  // its connection is free for the next
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
  std::vector<std::pair<std::uint64_t, Result>> ended;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_->curl, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Exchange* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    ended.emplace_back(exchange->number(), exchange->result(message->data.result));
  }
  for (auto& [number, result] : ended) finish(number, std::move(result));
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
