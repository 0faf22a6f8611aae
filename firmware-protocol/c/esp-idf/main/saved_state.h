#ifndef SAVED_STATE_H
#define SAVED_STATE_H

#include <esp_err.h>

#include "lamp.h"

/** Opens the default NVS partition. One that cannot be read is begun anew: the lamp then has its first settings. */
esp_err_t saved_state_open(void);

/** Takes up what outlived the last run, with the boot of this one, which is kept already (SPEC.md 8.1). */
esp_err_t saved_state_begin(struct lamp_saved *saved);

/** Keeps it. */
esp_err_t saved_state_store(const struct lamp_saved *saved);

#endif
