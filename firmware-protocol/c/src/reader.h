#ifndef SY_READER_H
#define SY_READER_H

#include "switchyard/value.h"
#include "token.h"

/** A place in a payload that `sy_check` has found to be in order, so that there is always a next item to read. */
struct sy_reader {
  const uint8_t *at;
  const uint8_t *end;
};

/** Reads the next token and goes on behind it, which for an array or map is its first item. */
struct sy_token sy_take_token(struct sy_reader *reader);

/** Passes over one item and all that is in it. */
void sy_skip_item(struct sy_reader *reader);

/*
 * What is not what it should be is left where it is: the reader stays at the item that is wrong.
 */

/** Reads the next item as a value of a property. False where it is none: an array, a map, a text too long, … */
bool sy_take_value(struct sy_reader *reader, struct sy_value *value);

/** Passes over a map from property ids to values, and hands it out. False where it is none. */
bool sy_take_values(struct sy_reader *reader, struct sy_values *values);

/** Passes over a list of arguments, and hands it out. False where it is none. */
bool sy_take_arguments(struct sy_reader *reader, struct sy_values *arguments);

#endif
