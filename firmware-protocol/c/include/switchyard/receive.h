#ifndef SWITCHYARD_RECEIVE_H
#define SWITCHYARD_RECEIVE_H

#include "code.h"
#include "limits.h"
#include "value.h"

/*
 * The messages that a device receives. Each decoder checks the whole payload before it returns SY_OK; what it hands
 * out are views into the payload. On any other code `message` is not to be read. `offset` tells where it went wrong,
 * in bytes from the start, and may be NULL.
 */

/** `dn/cmd` (SPEC.md 6.7): set properties (`has_vals`), or run an action (`op`); exactly one of both. */
struct sy_cmd {
  bool has_vals;
  struct sy_values vals;
  /** Eight bytes: correlates acknowledgements, and makes a repetition harmless. */
  const uint8_t *id;
  /** Unix time in ms, by the hub's clock, after which the command is void. */
  int64_t exp;
  /** The version of the state that the command was made for. */
  struct sy_optional if_ver;
  struct sy_optional op;
  /** Of the action, which alone has some; none where absent. */
  struct sy_values args;
};

enum sy_code sy_decode_cmd(const uint8_t *payload, size_t length, struct sy_cmd *message, size_t *offset);

/** Bits of `op` of `dn/ctl`: what the device is to send again. */
enum sy_resend { SY_RESEND_DESC = 1, SY_RESEND_STATE = 2, SY_RESEND_STATUS = 4 };

/** `dn/ctl` (SPEC.md 6.8): the hub's time, and what the hub misses. */
struct sy_ctl {
  /** Unix time in ms. */
  int64_t t;
  /** Bits of `enum sy_resend`. */
  uint32_t op;
};

enum sy_code sy_decode_ctl(const uint8_t *payload, size_t length, struct sy_ctl *message, size_t *offset);

/** `dn/desired` (SPEC.md 6.9): the whole document of wanted persistent properties. */
struct sy_desired {
  struct sy_values vals;
  uint32_t ver;
};

enum sy_code sy_decode_desired(const uint8_t *payload, size_t length, struct sy_desired *message, size_t *offset);

/** `dn/blk` (SPEC.md 6.11): a part of a firmware image. */
struct sy_blk {
  /** 1 to 4096 bytes. */
  struct sy_bytes data;
  /** Where in the image they belong, in bytes. */
  uint32_t off;
  /** Eight bytes: the first of the image's SHA-256. */
  const uint8_t *img;
};

enum sy_code sy_decode_blk(const uint8_t *payload, size_t length, struct sy_blk *message, size_t *offset);

/**
 * What the signature of a firmware image covers: the payload of the COSE_Sign1 that is the argument of action 250
 * (SPEC.md 6.12).
 */
struct sy_manifest {
  /** 32 bytes: SHA-256 of the image. */
  const uint8_t *digest;
  /** Of the image, in bytes. */
  uint32_t size;
  struct sy_text model;
  struct sy_text fw;
  /** Anti-rollback counter: a device takes no image with a lower one than its own. */
  uint32_t arb;
};

enum sy_code sy_decode_manifest(const uint8_t *payload, size_t length, struct sy_manifest *message, size_t *offset);

#endif
