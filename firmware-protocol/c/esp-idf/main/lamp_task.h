#ifndef LAMP_TASK_H
#define LAMP_TASK_H

#include "credentials.h"
#include "happenings.h"
#include "lamp.h"

/**
 * Starts the task that owns the lamp, its light and its link: what happens goes in, in the order in which it happened,
 * and what is to be done about it is done before the next.
 * All three outlive the task.
 * @param saved what outlived the last run, with the boot of this one
 * @return false where there is no memory for it
 */
bool lamp_task_start(const struct lamp_saved *saved, const struct credentials *credentials,
                     struct happenings *happenings);

#endif
