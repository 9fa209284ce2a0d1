# lacuna_add_library(NAME SOURCE... [EXCEPTIONS] [DEPENDS TARGET...]
#                    [LINK LIB...])
#
# A static library of the compiler. Exceptions and RTTI are off unless
# EXCEPTIONS is given, which only the ONNX frontend needs: libonnx throws.
function(lacuna_add_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  if(NOT ARG_EXCEPTIONS)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR)
endfunction()

# lacuna_add_tool(NAME SOURCE... LINK LIB...)
#
# A thin main over the libraries. libMLIR and libLLVM are linked as shared
# libraries.
function(lacuna_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  # Debian keeps libMLIR outside of the linker's path.
  set_target_properties(${name} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  # What an app needs can be installed alone.
  set(component tools)
  if(name STREQUAL lacuna)
    set(component app)
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION bin COMPONENT ${component})
endfunction()

# lacuna_add_dialect(NAME FOLDER)
#
# TableGen for dialects/FOLDER: IR/<NAME>Ops.td is the umbrella that includes
# the rest; Transforms/Passes.td holds the passes. Makes the target
# Lacuna<NAME>IncGen, and the documentation pages.
function(lacuna_add_dialect name folder)
  set(LLVM_TARGET_DEFINITIONS IR/${name}Ops.td)
  mlir_tablegen(IR/${name}Dialect.h.inc -gen-dialect-decls -dialect=${folder})
  mlir_tablegen(IR/${name}Dialect.cpp.inc -gen-dialect-defs -dialect=${folder})
  mlir_tablegen(IR/${name}Ops.h.inc -gen-op-decls)
  mlir_tablegen(IR/${name}Ops.cpp.inc -gen-op-defs)
  set(LLVM_TARGET_DEFINITIONS IR/${name}Attrs.td)
  mlir_tablegen(IR/${name}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(IR/${name}Enums.cpp.inc -gen-enum-defs)
  mlir_tablegen(IR/${name}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${folder})
  mlir_tablegen(IR/${name}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${folder})
  set(LLVM_TARGET_DEFINITIONS IR/${name}Interfaces.td)
  mlir_tablegen(IR/${name}Interfaces.h.inc -gen-op-interface-decls)
  mlir_tablegen(IR/${name}Interfaces.cpp.inc -gen-op-interface-defs)
  set(LLVM_TARGET_DEFINITIONS Transforms/Passes.td)
  mlir_tablegen(Transforms/Passes.h.inc -gen-pass-decls -name=Lacuna${name})
  add_public_tablegen_target(Lacuna${name}IncGen)
  lacuna_add_doc(IR/${name}Ops.td dialects/${folder}.md -gen-dialect-doc -dialect=${folder})
  lacuna_add_doc(Transforms/Passes.td passes/${folder}.md -gen-pass-doc)
endfunction()

# lacuna_add_doc(TD PAGE ARG...): one generated page under build/generated-docs, collected
# in the target lacuna-doc.
function(lacuna_add_doc td page)
  set(LLVM_TARGET_DEFINITIONS ${td})
  get_filename_component(dir "${PROJECT_BINARY_DIR}/generated-docs/${page}" DIRECTORY)
  file(MAKE_DIRECTORY "${dir}")
  string(REPLACE "/" "_" stem "${page}")
  tablegen(MLIR ${stem} ${ARGN})
  set(out "${PROJECT_BINARY_DIR}/generated-docs/${page}")
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} -E copy "${CMAKE_CURRENT_BINARY_DIR}/${stem}" "${out}"
    DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/${stem}")
  add_custom_target(lacuna-doc-${stem} DEPENDS "${out}")
  if(NOT TARGET lacuna-doc)
    add_custom_target(lacuna-doc)
  endif()
  add_dependencies(lacuna-doc lacuna-doc-${stem})
endfunction()

# lacuna_embed_texts(OUT FOLDER NAME...): files of FOLDER as C++ strings in OUT,
# to be included in the initializer of a table.
function(lacuna_embed_texts out folder)
  set(files ${ARGN})
  list(TRANSFORM files PREPEND "${folder}/")
  list(JOIN ARGN "," names)
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} "-DOUT=${out}" "-DDIR=${folder}" "-DNAMES=${names}"
      -P "${PROJECT_SOURCE_DIR}/tools/cmake/EmbedTexts.cmake"
    DEPENDS ${files} "${PROJECT_SOURCE_DIR}/tools/cmake/EmbedTexts.cmake"
    VERBATIM)
endfunction()
