# cmake -DOUT=FILE -DDIR=FOLDER -DNAMES=a.h,b.h -P EmbedTexts.cmake
#
# One line of C++ a file: {"a.h", R"lacuna(text)lacuna"},
string(REPLACE "," ";" names "${NAMES}")
set(out "")
foreach(name IN LISTS names)
  file(READ "${DIR}/${name}" text)
  string(APPEND out "{\"${name}\", R\"lacuna(${text})lacuna\"},\n")
endforeach()
file(WRITE "${OUT}" "${out}")
