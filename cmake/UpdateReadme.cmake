# Writes the measured tables into README.md, between its two markers.
#   cmake -DHEADWAY=<headway program> [-DREADME=<file>] -P cmake/UpdateReadme.cmake
# Runs in the root of the project.
cmake_minimum_required(VERSION 3.25)
if(NOT README)
  set(README README.md)
endif()
set(begin "<!-- results:begin -->")
set(end "<!-- results:end -->")

file(GLOB results RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} bench/results/*/*.json)
list(SORT results)
if(NOT results)
  message(FATAL_ERROR "there is no result file in bench/results")
endif()

set(tables "")
foreach(result IN LISTS results)
  execute_process(COMMAND ${HEADWAY} report --format markdown ${result}
    OUTPUT_VARIABLE table RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "headway report failed on ${result} (status ${status})")
  endif()
  # README shows what a first look needs; the middle of a long report stays in the report.
  string(FIND "${table}" "### Ratios" cut_begin)
  string(FIND "${table}" "### Verdict" cut_end)
  if(NOT cut_begin EQUAL -1 AND cut_end GREATER cut_begin)
    string(SUBSTRING "${table}" 0 ${cut_begin} head)
    string(SUBSTRING "${table}" ${cut_end} -1 tail)
    set(table "${head}${tail}")
  endif()
  string(STRIP "${table}" table)
  string(APPEND tables "\n${table}\n\n"
    "All of it: `headway report` on [${result}](${result}).\n")
endforeach()

file(READ ${README} text)
string(FIND "${text}" "${begin}" begin_at)
string(FIND "${text}" "${end}" end_at)
if(begin_at EQUAL -1 OR end_at LESS begin_at)
  message(FATAL_ERROR "${README} has no '${begin}' ... '${end}'")
endif()
string(LENGTH "${begin}" begin_length)
math(EXPR begin_at "${begin_at} + ${begin_length}")
string(SUBSTRING "${text}" 0 ${begin_at} before)
string(SUBSTRING "${text}" ${end_at} -1 after)
file(WRITE ${README} "${before}\n${tables}\n${after}")
