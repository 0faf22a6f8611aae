#ifndef VECTOR_FILE_H
#define VECTOR_FILE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

/** Stands for U+0000 in the texts of a parsed file, because cJSON's end there. */
#define NUL_STAND_IN "\xef\xa3\xbf"

/** Reads a file of `firmware-protocol/vectors`. Ends the program where that cannot be done. */
cJSON *read_vector_file(const char *path);

/** The bytes of a vector: a string of hex, or a list of such with repetitions. The caller frees them. */
uint8_t *bytes_of_vector(const cJSON *hex, size_t *length);

/** Writes the bytes of a string of hex. Returns how many. */
size_t bytes_of_hex(const char *hex, uint8_t *bytes);

/** A member that must be there. Ends the program where it is not. */
const cJSON *member(const cJSON *object, const char *name);

/** A member that may be there, or NULL. */
const cJSON *optional_member(const cJSON *object, const char *name);

#endif
