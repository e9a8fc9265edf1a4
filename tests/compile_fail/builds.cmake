# SPDX-License-Identifier: MIT
# One source builds as it stands, and with MUST_NOT_BUILD defined it does not, for the expected reason (the text
# after "// expect: " in its first line), which the first ten lines of the messages say. Takes COMPILER, INCLUDE_DIR,
# SOURCE.
set(command ${COMPILER} -std=c++23 -fsyntax-only -Werror=unused-result -I${INCLUDE_DIR})
execute_process(COMMAND ${command} ${SOURCE} RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(failed)
  message(FATAL_ERROR "does not build, but must:\n${messages}")
endif()
execute_process(COMMAND ${command} -DMUST_NOT_BUILD ${SOURCE} RESULT_VARIABLE failed ERROR_VARIABLE messages)
if(NOT failed)
  message(FATAL_ERROR "builds, but must not")
endif()
file(STRINGS ${SOURCE} expected LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expected "${expected}")
string(REGEX MATCH "^[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?[^\n]*\n?" messages "${messages}")
string(FIND "${messages}" "${expected}" found)
if(found EQUAL -1)
  message(FATAL_ERROR "the messages do not say \"${expected}\":\n${messages}")
endif()
