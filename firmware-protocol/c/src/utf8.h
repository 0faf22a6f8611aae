#ifndef SY_UTF8_H
#define SY_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether these bytes are well-formed UTF-8 (Unicode, table 3-7): nothing overlong, no surrogates, all complete. */
bool sy_is_utf8(const uint8_t *at, size_t length);

#endif
