# What Doxygen reads of a header; lines keep their numbers.

# The reference has names as programs write them.
s/namespace netcon::inline v[0-9_]+/namespace netcon/

# Versions before 1.10 lose their way in raw strings, and with it the class around them.
s/R"\(([^)]|\)[^"])*\)"/""/g

# Specializations of templates of std and fmt say only that a value can be hashed, printed or viewed.
/^template </ {
  N
  /\n(struct|inline constexpr bool) (std|fmt)::/ ! b
  : more
  /\n(\}|struct .*\{\}|inline .*);$/ ! {
    N
    b more
  }
  s/[^\n]+//g
}
