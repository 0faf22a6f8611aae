#ifndef SY_SHORTEST_FLOAT_H
#define SY_SHORTEST_FLOAT_H

#include <stddef.h>
#include <stdint.h>

/**
 * Encodes a finite number that is not integral as the shortest float that keeps it.
 * @return how many bytes were written; 0 where there was no room
 */
size_t sy_encode_shortest_float(double real, uint8_t *buffer, size_t size);

#endif
