#ifndef SWITCHYARD_CODE_H
#define SWITCHYARD_CODE_H

/** What was wrong with a payload, or with a message that was to become one (SPEC.md 16.2). */
enum sy_code {
  SY_OK = 0,
  /** There are no bytes. */
  SY_EMPTY,
  /** More bytes than a payload of this type may have. */
  SY_TOO_LARGE,
  /** More levels of arrays and maps than `SY_MAX_DEPTH`. */
  SY_TOO_DEEP,
  /** More data items than a payload of this type may have. */
  SY_TOO_MANY_ITEMS,
  /** Not CBOR, or not the profile: indefinite, tagged, not shortest, not sorted, NaN, … */
  SY_BAD_CBOR,
  /** The message is not a map. */
  SY_NOT_A_MAP,
  /** A key of the message is not an integer from 0 to 65535. */
  SY_BAD_KEY,
  /** A key below 48 that this message does not have. */
  SY_UNEXPECTED_KEY,
  /** A field is missing, of a wrong type or out of range, or a rule of the message is broken. */
  SY_BAD_VALUE,
  /** Only of encoders: the buffer is too short. No payload can be the reason. */
  SY_NO_ROOM
};

/** The name that the golden vectors and the hub's log use, such as "bad_cbor". */
const char *sy_code_name(enum sy_code code);

#endif
