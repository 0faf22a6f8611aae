#ifndef THERMOMETER_H
#define THERMOMETER_H

#include <switchyard/value.h>

/** Makes the chip's own thermometer ready, where it has one. */
void thermometer_open(void);

/**
 * The temperature of the chip, which is warmer than the room.
 * @return hundredths of a degree Celsius, or absent where there is none or it cannot be read
 */
struct sy_optional thermometer_read(void);

#endif
