#include "input/shell_script.hpp"

#include <netcon/core/number.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tool {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view word_ends = " \t\n;&|<>()";

bool is_name_byte(char c, bool first) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (!first && netcon::is_decimal_digit(c));
}

class script_reader {
 public:
  explicit script_reader(std::string_view text) : text_{text} {}

  std::expected<std::vector<shell_command>, std::string> run() {
    while (at_ < text_.size() && problem_.empty()) read_command();
    if (!problem_.empty()) return std::unexpected{fmt::format("line {}: {}", line_, problem_)};
    return std::move(commands_);
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }
  void skip_blanks() {
    while (more()) {
      if (blanks.find(peek()) != blanks.npos) {
        take();
      } else if (peek() == '\\' && peek(1) == '\n') {
        take();
        take();
      } else {
        break;
      }
    }
    if (peek() == '#')
      while (more() && peek() != '\n') take();
  }

  void read_command() {
    skip_blanks();
    if (!more()) return;
    shell_command command;
    command.line = line_;
    command.when = next_;
    const std::size_t start = at_;
    std::size_t end = at_;
    bool piped = false;
    std::vector<std::string> after_pipe;
    while (problem_.empty()) {
      end = at_;
      skip_blanks();
      const char c = peek();
      if (!more() || c == '\n' || c == ';') break;
      if ((c == '&' || c == '|') && peek(1) == c) break;
      if (c == '|' && !piped) {
        take();
        piped = true;
      } else if (c == '>') {
        take();
        if (peek() == '>') take();
        skip_blanks();
        auto file = read_word();
        if (piped && file == "/dev/null") continue;
        command.output = std::move(file);
      } else if (word_ends.find(c) != word_ends.npos) {
        problem_ = fmt::format("'{}' is more shell than simulate understands", c);
      } else {
        (piped ? after_pipe : command.words).push_back(read_word());
      }
    }
    command.source = text_.substr(start, end - start);
    next_ = peek() == '&'   ? shell_command::after_success
            : peek() == '|' ? shell_command::after_failure
                            : shell_command::always;
    if (next_ != shell_command::always) take();
    if (more()) take();
    if (piped && problem_.empty()) read_tee(after_pipe, command);
    if (!problem_.empty()) return;
    if (!command.words.empty() && command.words.front() == "sudo") command.words.erase(command.words.begin());
    while (!command.words.empty() && assign(command.words.front()))
      command.words.erase(command.words.begin());
    if (!command.words.empty()) commands_.push_back(std::move(command));
  }

  // "| sudo tee FILE" is how the output of a user's command gets into a file of root's.
  void read_tee(std::vector<std::string> words, shell_command& command) {
    std::erase_if(words, [](const auto& word) { return word == "sudo" || word == "-a"; });
    if (words.size() == 2 && words[0] == "tee") {
      command.output = words[1];
    } else {
      line_ = command.line;
      problem_ = "after '|' simulate understands only tee FILE";
    }
  }

  bool assign(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == word.npos) return false;
    for (std::size_t i = 0; i < equals; ++i)
      if (!is_name_byte(word[i], i == 0)) return false;
    variables_[word.substr(0, equals)] = word.substr(equals + 1);
    return true;
  }

  std::string read_word() {
    std::string word;
    while (more() && word_ends.find(peek()) == word_ends.npos && problem_.empty()) {
      const char c = take();
      if (c == '\'') {
        while (more() && peek() != '\'') word += take();
        close('\'');
      } else if (c == '"') {
        while (more() && peek() != '"' && problem_.empty()) {
          const char inner = take();
          if (inner == '\\' && std::string_view{"\"\\$`\n"}.find(peek()) != std::string_view::npos) {
            if (const char escaped = take(); escaped != '\n') word += escaped;
          } else if (inner == '$') {
            word += read_variable();
          } else {
            word += inner;
          }
        }
        close('"');
      } else if (c == '\\') {
        if (more())
          if (const char escaped = take(); escaped != '\n') word += escaped;
      } else if (c == '$') {
        word += read_variable();
      } else if (c == '`') {
        problem_ = "command substitution is more shell than simulate understands";
      } else {
        word += c;
      }
    }
    return word;
  }

  void close(char quote) {
    if (more()) {
      take();
    } else if (problem_.empty()) {
      problem_ = fmt::format("no closing {}", quote);
    }
  }

  std::string read_variable() {
    if (peek() == '(') {
      problem_ = "command substitution is more shell than simulate understands";
      return {};
    }
    const bool braced = peek() == '{';
    if (braced) take();
    std::string name, otherwise;
    while (more() && is_name_byte(peek(), name.empty())) name += take();
    if (braced && peek() == ':' && peek(1) == '-') {
      take();
      take();
      while (more() && peek() != '}') otherwise += take();
    }
    if (braced && (!more() || take() != '}')) problem_ = "only ${NAME} and ${NAME:-WORD} are understood";
    if (name.empty()) return braced ? std::string{} : std::string{"$"};
    const auto found = variables_.find(name);
    return found == variables_.end() ? otherwise : found->second;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  shell_command::condition next_ = shell_command::always;
  std::string problem_;
  std::map<std::string, std::string> variables_;
  std::vector<shell_command> commands_;
};

}  // namespace

std::expected<std::vector<shell_command>, std::string> read_script(std::string_view text) {
  return script_reader{text}.run();
}

}  // namespace tool
