#ifndef BUTTON_H
#define BUTTON_H

#include <esp_err.h>

#include "happenings.h"

/** Watches the button from now on; a press becomes PRESS. @param happenings outlives the button */
esp_err_t button_start(struct happenings *happenings);

#endif
