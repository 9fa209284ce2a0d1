# lacuna_add_model(TARGET name ONNX model.onnx [TARGET_CPU core] [OPTIONS ...]
#                  [REPORT folder])
#
# A static library `name` of the network, compiled by the app's own toolchain;
# its header is <name>.h and its functions begin with name_. The model is compiled
# when CMake is configured, and again when it has changed. A report folder that is
# not absolute lies in the build tree.
function(lacuna_add_model)
  cmake_parse_arguments(ARG "" "TARGET;ONNX;TARGET_CPU;REPORT" "OPTIONS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "lacuna_add_model does not know ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_TARGET OR NOT ARG_ONNX)
    message(FATAL_ERROR "lacuna_add_model needs TARGET and ONNX")
  endif()
  if(NOT TARGET lacuna::lacuna)
    message(FATAL_ERROR "lacuna_add_model needs the tool 'lacuna' in the path")
  endif()
  get_filename_component(model "${ARG_ONNX}" ABSOLUTE)
  set(bundle "${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET}.bundle")
  set(command -o "${bundle}" --name "${ARG_TARGET}" ${ARG_OPTIONS})
  if(ARG_TARGET_CPU)
    list(APPEND command "--mcpu=${ARG_TARGET_CPU}")
  endif()
  if(ARG_REPORT)
    get_filename_component(report "${ARG_REPORT}" ABSOLUTE
      BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    list(APPEND command "--report=${report}")
  endif()
  get_target_property(tool lacuna::lacuna IMPORTED_LOCATION)
  if(NOT tool)
    set(tool "$<TARGET_FILE:lacuna::lacuna>")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${model}")
  execute_process(COMMAND "${tool}" compile "${model}" ${command}
    RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "lacuna could not compile ${ARG_ONNX}")
  endif()
  add_subdirectory("${bundle}" "${bundle}.build" EXCLUDE_FROM_ALL)
endfunction()
