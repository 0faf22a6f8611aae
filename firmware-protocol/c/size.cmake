# Prints how large the library is, optimised for size, without libcbor: what reads and writes messages, and all of it.
# Run by the target `size`.

cmake_minimum_required(VERSION 3.16)

set(rules description.c judge_command.c judge_desired.c judge_value.c memory.c session.c topics.c)
file(MAKE_DIRECTORY ${FOLDER})
file(GLOB sources ${SOURCES}/*.c)
set(codec_objects)
set(objects)
foreach(source ${sources})
  get_filename_component(name ${source} NAME)
  set(object ${FOLDER}/${name}.o)
  # C unwinds no stack: the tables for that stay out, as they do in firmware.
  execute_process(
    COMMAND ${COMPILER} -std=c99 -Os -fno-asynchronous-unwind-tables -I${INCLUDE} -I${CBOR_INCLUDE}
      -c ${source} -o ${object}
    RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${source} does not compile")
  endif()
  list(APPEND objects ${object})
  if(NOT name IN_LIST rules)
    list(APPEND codec_objects ${object})
  endif()
endforeach()

function(report what)
  execute_process(COMMAND size -t ${ARGN} OUTPUT_VARIABLE sizes RESULT_VARIABLE failed)
  if(failed OR NOT sizes MATCHES "\n *([0-9]+)[^\n]*\\(TOTALS\\)")
    message(FATAL_ERROR "binutils' size is needed to measure")
  endif()
  message(STATUS "${what}: ${CMAKE_MATCH_1} bytes")
endfunction()

report("encoders and decoders" ${codec_objects})
report("with session rules and topics" ${objects})
