#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

/** A connection that lasted this long, in ms, shows that all is well again. */
#define LASTING_MS 10000

/**
 * How long to wait before the next attempt to connect, in ms (SPEC.md 2.7): exponential with full jitter, so that a
 * fleet that lost its hub does not come back all at once.
 * @param failures attempts in a row that came to nothing
 * @param random uniform over all 32 bits
 */
int64_t backoff(unsigned failures, uint32_t random);

#endif
