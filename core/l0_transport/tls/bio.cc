#include "l0_transport/tls/bio.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "l0_transport/channel.hh"

namespace opensips::transport::tls {

namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

int read(BIO* bio, char* into, int size) {
  auto& incoming = wire_of(bio).incoming;
  BIO_clear_retry_flags(bio);
  if (incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto count = std::min(incoming.size(), static_cast<std::size_t>(size));
  std::memcpy(into, incoming.data(), count);
  incoming.remove_prefix(count);
  return static_cast<int>(count);
}

int write(BIO* bio, const char* bytes, int size) {
  using Outcome = Channel::Written::Outcome;
  auto& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const iovec what{const_cast<char*>(bytes), static_cast<std::size_t>(size)};
  const auto written = send_to(wire.fd, {&what, 1});
  if (written.outcome == Outcome::some) return static_cast<int>(written.size);
  if (written.outcome == Outcome::blocked) {
    BIO_set_retry_write(bio);
  } else {
    wire.error = errno;
  }
  return -1;
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // nothing is held back
}

BIO_METHOD* method() {
  static const BioMethodPtr made = [] {
    BioMethodPtr one(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire"));
    BIO_meth_set_read(one.get(), read);
    BIO_meth_set_write(one.get(), write);
    BIO_meth_set_ctrl(one.get(), control);
    return one;
  }();
  return made.get();
}

}  // namespace

BioPtr make_bio(Wire& wire) {
  BioPtr bio(BIO_new(method()));
  if (!bio) return bio;
  BIO_set_data(bio.get(), &wire);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace opensips::transport::tls
