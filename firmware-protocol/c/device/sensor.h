#ifndef SENSOR_H
#define SENSOR_H

#include <switchyard/value.h>

/**
 * Reads a thermometer as Linux shows them: a file with thousandths of a degree Celsius.
 * @return hundredths of a degree, or absent where there is nothing to be read
 */
struct sy_optional read_temperature(const char *path);

#endif
