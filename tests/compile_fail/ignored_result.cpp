// expect: nodiscard
// A result that says whether something went well cannot be dropped in silence; on purpose it can.
#include <netcon/parameter/parse.hpp>

#include <string_view>

void check(std::string_view text) {
#ifdef MUST_NOT_BUILD
  netcon::parse_parameter(text);
#else
  static_cast<void>(netcon::parse_parameter(text));
#endif
}
