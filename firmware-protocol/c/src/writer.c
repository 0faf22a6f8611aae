#include "writer.h"

#include <cbor/encoding.h>
#include <string.h>

#include "shortest_float.h"
#include "utf8.h"

void sy_writer_open(struct sy_writer *writer, uint8_t *buffer, size_t size) {
  writer->start = buffer;
  writer->at = buffer;
  writer->left = size;
  writer->items = 0;
  writer->code = SY_OK;
}

enum sy_code sy_writer_close(const struct sy_writer *writer, struct sy_bounds bounds, size_t *length) {
  if (writer->code != SY_OK) return writer->code;
  size_t written = (size_t)(writer->at - writer->start);
  if (written > bounds.bytes) return SY_TOO_LARGE;
  if (writer->items > bounds.items) return SY_TOO_MANY_ITEMS;
  *length = written;
  return SY_OK;
}

void sy_writer_fail(struct sy_writer *writer) {
  if (writer->code == SY_OK) writer->code = SY_BAD_VALUE;
}

/** Counts one item of which `written` bytes were just written: none where there was no room. */
static void advance(struct sy_writer *writer, size_t written) {
  if (writer->code != SY_OK) return;
  if (written == 0) {
    writer->code = SY_NO_ROOM;
    return;
  }
  writer->at += written;
  writer->left -= written;
  writer->items++;
}

/** Where the next item may go: nowhere after an error. */
static size_t room(const struct sy_writer *writer) { return writer->code == SY_OK ? writer->left : 0; }

void sy_put_map(struct sy_writer *writer, size_t pairs) {
  advance(writer, cbor_encode_map_start(pairs, writer->at, room(writer)));
}

void sy_put_array(struct sy_writer *writer, size_t items) {
  advance(writer, cbor_encode_array_start(items, writer->at, room(writer)));
}

void sy_put_integer(struct sy_writer *writer, int64_t integer) {
  if (integer > SY_MAX_INTEGER || integer < -SY_MAX_INTEGER) sy_writer_fail(writer);
  if (integer >= 0) {
    advance(writer, cbor_encode_uint((uint64_t)integer, writer->at, room(writer)));
  } else {
    advance(writer, cbor_encode_negint((uint64_t)(-1 - integer), writer->at, room(writer)));
  }
}

void sy_put_real(struct sy_writer *writer, double real) {
  const double beyond = (double)(SY_MAX_INTEGER + 1);
  bool integral = !(real > -beyond && real < beyond);
  if (integral) {
    // NaN, an infinity, or an integral number that no integer of the profile can hold.
    sy_writer_fail(writer);
  } else if ((double)(int64_t)real == real) {
    sy_put_integer(writer, (int64_t)real);
  } else {
    advance(writer, sy_encode_shortest_float(real, writer->at, room(writer)));
  }
}

/** The content of the bytes or text whose head was just written. */
static void put_content(struct sy_writer *writer, const void *at, size_t length) {
  if (writer->code != SY_OK) return;
  if (length > writer->left) {
    writer->code = SY_NO_ROOM;
    return;
  }
  if (length > 0) memcpy(writer->at, at, length);
  writer->at += length;
  writer->left -= length;
}

void sy_put_bytes(struct sy_writer *writer, const uint8_t *at, size_t length) {
  advance(writer, cbor_encode_bytestring_start(length, writer->at, room(writer)));
  put_content(writer, at, length);
}

void sy_put_text(struct sy_writer *writer, const struct sy_text *text) {
  if (text->length > SY_MAX_TEXT || !sy_is_utf8((const uint8_t *)text->at, text->length)) sy_writer_fail(writer);
  advance(writer, cbor_encode_string_start(text->length, writer->at, room(writer)));
  put_content(writer, text->at, text->length);
}

void sy_put_value(struct sy_writer *writer, const struct sy_value *value) {
  switch (value->kind) {
    case SY_NULL:
      advance(writer, cbor_encode_null(writer->at, room(writer)));
      break;
    case SY_BOOL:
      advance(writer, cbor_encode_bool(value->as.boolean, writer->at, room(writer)));
      break;
    case SY_INT:
      sy_put_integer(writer, value->as.integer);
      break;
    case SY_FLOAT:
      sy_put_real(writer, value->as.real);
      break;
    case SY_STRING:
      sy_put_text(writer, &value->as.text);
      break;
    case SY_BYTES:
      sy_put_bytes(writer, value->as.bytes.at, value->as.bytes.length);
      break;
  }
}

void sy_put_entries(struct sy_writer *writer, const struct sy_entries *entries) {
  if (entries->count > SY_MAX_VALUES) sy_writer_fail(writer);
  sy_put_map(writer, entries->count);
  int last = -1;
  for (size_t written = 0; written < entries->count && writer->code == SY_OK; written++) {
    const struct sy_entry *next = NULL;
    for (size_t i = 0; i < entries->count; i++) {
      const struct sy_entry *entry = &entries->at[i];
      if (entry->pid > last && (next == NULL || entry->pid < next->pid)) next = entry;
    }
    if (next == NULL) {
      sy_writer_fail(writer);
      return;
    }
    last = next->pid;
    sy_put_integer(writer, next->pid);
    sy_put_value(writer, &next->value);
  }
}

void sy_put_failures(struct sy_writer *writer, const struct sy_failure *failures, size_t count) {
  if (count > SY_MAX_VALUES) sy_writer_fail(writer);
  sy_put_map(writer, count);
  int last = -1;
  for (size_t written = 0; written < count && writer->code == SY_OK; written++) {
    const struct sy_failure *next = NULL;
    for (size_t i = 0; i < count; i++) {
      if (failures[i].pid > last && (next == NULL || failures[i].pid < next->pid)) next = &failures[i];
    }
    if (next == NULL) {
      sy_writer_fail(writer);
      return;
    }
    last = next->pid;
    sy_put_integer(writer, next->pid);
    sy_put_integer(writer, next->code);
  }
}

void sy_put_encoded(struct sy_writer *writer, const uint8_t *at, size_t length) { put_content(writer, at, length); }

void sy_put_field(struct sy_writer *writer, enum sy_key key, int64_t integer) {
  sy_put_integer(writer, key);
  sy_put_integer(writer, integer);
}

void sy_put_optional(struct sy_writer *writer, enum sy_key key, struct sy_optional optional, int64_t least,
                     int64_t most) {
  if (!optional.set) return;
  if (optional.value < least || optional.value > most) sy_writer_fail(writer);
  sy_put_field(writer, key, optional.value);
}

void sy_put_h8(struct sy_writer *writer, enum sy_key key, const uint8_t *bytes) {
  if (bytes == NULL) {
    sy_writer_fail(writer);
    return;
  }
  sy_put_integer(writer, key);
  sy_put_bytes(writer, bytes, 8);
}

void sy_put_heading(struct sy_writer *writer, const struct sy_heading *heading) {
  if (heading->t > 0 && heading->t < SY_FIRST_UNIX_MS) sy_writer_fail(writer);
  sy_put_field(writer, SY_KEY_BOOT, heading->boot);
  sy_put_field(writer, SY_KEY_SEQ, heading->seq);
  sy_put_field(writer, SY_KEY_T, heading->t);
}
