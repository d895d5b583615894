# Configures a project that adds Earshot, and compiles its one file. STANDARD 20 is what it gets if it
# says nothing; a later one is what it and the library get if it asks for it.
set(asked "")
if(NOT STANDARD EQUAL 20)
  set(asked -D CMAKE_CXX_STANDARD=${STANDARD})
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BINARY} -G ${GENERATOR} ${asked}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BINARY} --target consumer
                COMMAND_ERROR_IS_FATAL ANY)
file(READ ${BINARY}/compile_commands.json commands)
string(REGEX MATCHALL "-std=[a-z+]+[0-9a-z]+" standards "${commands}")
list(REMOVE_DUPLICATES standards)
foreach(found ${standards})
  # Compilers call the next standard by its draft's name for a while.
  if(NOT found MATCHES "\\+\\+(20|2a)$" AND STANDARD EQUAL 20 OR
     NOT found MATCHES "\\+\\+(23|2b)$" AND STANDARD EQUAL 23)
    message(FATAL_ERROR "${found} in place of C++${STANDARD}")
  endif()
endforeach()
if(NOT standards)
  message(FATAL_ERROR "no compiler was told which C++ it is")
endif()
