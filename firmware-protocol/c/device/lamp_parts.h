#ifndef LAMP_PARTS_H
#define LAMP_PARTS_H

#include "lamp.h"

/* What the parts of the lamp ask of one another. */

/** Publishes the state as it is, where there is somebody to hear it. */
void lamp_report(struct lamp *lamp, int64_t now, struct effects *effects);

/** Makes the light like this. Returns whether that changed anything. */
bool lamp_set_light(struct lamp *lamp, bool on, uint8_t brightness, struct effects *effects);

/** `dn/cmd` (SPEC.md, section 11). */
void lamp_command(struct lamp *lamp, const struct sy_cmd *command, int64_t now, struct effects *effects);

/** Ends the command that goes on, if one does. @param result how, without id and version */
void lamp_end_command(struct lamp *lamp, struct sy_result result, int64_t now, struct effects *effects);

/** Says how the command ended that ended while nobody could be told, where that is still remembered. */
void lamp_tell_owed(struct lamp *lamp, int64_t now, struct effects *effects);

#endif
