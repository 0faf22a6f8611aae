#ifndef ENTROPY_H
#define ENTROPY_H

#include <stdint.h>

/** 32 random bits of the operating system. Ends the program where it has none. */
uint32_t random_bits(void);

#endif
