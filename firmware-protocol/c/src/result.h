#ifndef SY_RESULT_H
#define SY_RESULT_H

#include "writer.h"

/** How many fields a result has. */
size_t sy_count_result(const struct sy_result *result);

/** Writes the fields of a result. */
void sy_put_result(struct sy_writer *writer, const struct sy_result *result);

#endif
