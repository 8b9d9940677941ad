#pragma once

#include <optional>
#include <string_view>

namespace opensips::parser {

/// One part of a body of the type multipart/… (RFC 2046 5.1.1).
struct BodyPart {
  std::string_view content_type;  ///< empty if the part says nothing
  std::string_view headers;       ///< all of them, whole lines
  std::string_view body;
};

/// "application/sdp" of "Application/SDP;charset=x": without the parameters and the blanks before
/// them. Letters of either case.
std::string_view media_type(std::string_view content_type);

/// The boundary of a multipart/… type, without its quotes; nothing if it is no such type, or names
/// none that RFC 2046 allows.
std::optional<std::string_view> boundary_of(std::string_view content_type);

/// Cuts a body into its parts. What stands before the first boundary and behind the last is left
/// out. Copies nothing.
class PartScanner {
 public:
  PartScanner(std::string_view body, std::string_view boundary);
  /// The next one; nullopt at the end. A part that the end of the body cuts off is none: see
  /// failed().
  std::optional<BodyPart> next();
  /// The boundary that ends the last part was missing.
  bool failed() const { return failed_; }

 private:
  struct Boundary {
    std::size_t begin;  // of the line end before it
    std::size_t end;    // behind its line
    bool last;
  };
  std::optional<Boundary> find_boundary(std::size_t from) const;

  std::string_view body_;
  std::string_view boundary_;
  std::size_t at_ = 0;  // where the next part begins
  bool over_ = false;
  bool failed_ = false;
};

}  // namespace opensips::parser
