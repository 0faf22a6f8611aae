#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <switchyard/profile.h>
#include <switchyard/receive.h>

/**
 * Decodes what comes on standard input, to be compared with what others make of it. A frame is a letter for the type
 * (c cmd, t ctl, d desired, b blk, m manifest), the payload's length in four bytes, big-endian, and the payload. For
 * each one line is printed: the code and the offset where it is refused, or what it says.
 */

static void print_hex(const void *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", ((const uint8_t *)bytes)[i]);
}

static void print_value(const struct sy_value *value) {
  switch (value->kind) {
    case SY_NULL:
      fputs("null", stdout);
      break;
    case SY_BOOL:
      fputs(value->as.boolean ? "true" : "false", stdout);
      break;
    case SY_INT:
      printf("%" PRId64, value->as.integer);
      break;
    case SY_FLOAT: {
      uint64_t bits;
      memcpy(&bits, &value->as.real, sizeof bits);
      printf("f%016" PRIx64, bits);
      break;
    }
    case SY_STRING:
      putchar('t');
      print_hex(value->as.text.at, value->as.text.length);
      break;
    case SY_BYTES:
      putchar('b');
      print_hex(value->as.bytes.at, value->as.bytes.length);
      break;
  }
}

static void print_values(struct sy_values values) {
  uint8_t pid;
  struct sy_value value;
  fputs(" vals", stdout);
  while (sy_next_value(&values, &pid, &value)) {
    printf(" %u:", (unsigned)pid);
    print_value(&value);
  }
}

static enum sy_code print_cmd(const uint8_t *payload, size_t length, size_t *offset) {
  struct sy_cmd cmd;
  enum sy_code code = sy_decode_cmd(payload, length, &cmd, offset);
  if (code != SY_OK) return code;
  fputs("cmd ", stdout);
  print_hex(cmd.id, 8);
  printf(" exp %" PRId64, cmd.exp);
  if (cmd.if_ver.set) printf(" if %" PRId64, cmd.if_ver.value);
  if (cmd.op.set) printf(" op %" PRId64, cmd.op.value);
  if (cmd.has_vals) print_values(cmd.vals);
  struct sy_value value;
  fputs(" args", stdout);
  while (sy_next_argument(&cmd.args, &value)) {
    putchar(' ');
    print_value(&value);
  }
  return SY_OK;
}

static enum sy_code print_ctl(const uint8_t *payload, size_t length, size_t *offset) {
  struct sy_ctl ctl;
  enum sy_code code = sy_decode_ctl(payload, length, &ctl, offset);
  if (code == SY_OK) printf("ctl t %" PRId64 " op %" PRIu32, ctl.t, ctl.op);
  return code;
}

static enum sy_code print_desired(const uint8_t *payload, size_t length, size_t *offset) {
  struct sy_desired desired;
  enum sy_code code = sy_decode_desired(payload, length, &desired, offset);
  if (code != SY_OK) return code;
  printf("desired ver %" PRIu32, desired.ver);
  print_values(desired.vals);
  return SY_OK;
}

static enum sy_code print_blk(const uint8_t *payload, size_t length, size_t *offset) {
  struct sy_blk blk;
  enum sy_code code = sy_decode_blk(payload, length, &blk, offset);
  if (code != SY_OK) return code;
  printf("blk off %" PRIu32 " img ", blk.off);
  print_hex(blk.img, 8);
  fputs(" data ", stdout);
  print_hex(blk.data.at, blk.data.length);
  return SY_OK;
}

static enum sy_code print_manifest(const uint8_t *payload, size_t length, size_t *offset) {
  struct sy_manifest manifest;
  enum sy_code code = sy_decode_manifest(payload, length, &manifest, offset);
  if (code != SY_OK) return code;
  printf("manifest n %" PRIu32 " arb %" PRIu32 " data ", manifest.size, manifest.arb);
  print_hex(manifest.digest, 32);
  fputs(" model ", stdout);
  print_hex(manifest.model.at, manifest.model.length);
  fputs(" fw ", stdout);
  print_hex(manifest.fw.at, manifest.fw.length);
  return SY_OK;
}

static enum sy_code print_message(char type, const uint8_t *payload, size_t length, size_t *offset) {
  switch (type) {
    case 'c':
      return print_cmd(payload, length, offset);
    case 't':
      return print_ctl(payload, length, offset);
    case 'd':
      return print_desired(payload, length, offset);
    case 'b':
      return print_blk(payload, length, offset);
    case 'm':
      return print_manifest(payload, length, offset);
    default:
      fprintf(stderr, "there is no type '%c'\n", type);
      exit(2);
  }
}

int main(void) {
  uint8_t head[5];
  while (fread(head, 1, sizeof head, stdin) == sizeof head) {
    size_t length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    // Of its exact length, so that the sanitizer sees who reads behind it.
    uint8_t *payload = malloc(length > 0 ? length : 1);
    if (payload == NULL || fread(payload, 1, length, stdin) != length) {
      fprintf(stderr, "a frame is cut short\n");
      return 2;
    }
    size_t offset = 0;
    enum sy_code code = print_message((char)head[0], payload, length, &offset);
    free(payload);
    if (code == SY_OK) {
      putchar('\n');
    } else {
      printf("%s %zu\n", sy_code_name(code), offset);
    }
  }
  return 0;
}
