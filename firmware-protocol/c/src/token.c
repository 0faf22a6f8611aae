#include "token.h"

#include <cbor/callbacks.h>
#include <cbor/streaming.h>

/* libcbor 0.9 widened the lengths that it passes to callbacks. */
#if CBOR_MAJOR_VERSION == 0 && CBOR_MINOR_VERSION < 9
typedef size_t cbor_length;
#else
typedef uint64_t cbor_length;
#endif

static void take(void *token, enum sy_token_kind kind, uint64_t number) {
  ((struct sy_token *)token)->kind = kind;
  ((struct sy_token *)token)->number = number;
}

static void on_uint8(void *token, uint8_t n) { take(token, SY_TOKEN_UNSIGNED, n); }
static void on_uint16(void *token, uint16_t n) { take(token, SY_TOKEN_UNSIGNED, n); }
static void on_uint32(void *token, uint32_t n) { take(token, SY_TOKEN_UNSIGNED, n); }
static void on_uint64(void *token, uint64_t n) { take(token, SY_TOKEN_UNSIGNED, n); }
static void on_negint8(void *token, uint8_t n) { take(token, SY_TOKEN_NEGATIVE, n); }
static void on_negint16(void *token, uint16_t n) { take(token, SY_TOKEN_NEGATIVE, n); }
static void on_negint32(void *token, uint32_t n) { take(token, SY_TOKEN_NEGATIVE, n); }
static void on_negint64(void *token, uint64_t n) { take(token, SY_TOKEN_NEGATIVE, n); }
static void on_array(void *token, cbor_length n) { take(token, SY_TOKEN_ARRAY, n); }
static void on_map(void *token, cbor_length n) { take(token, SY_TOKEN_MAP, n); }
static void on_null(void *token) { take(token, SY_TOKEN_NULL, 0); }
static void on_foreign(void *token) { take(token, SY_TOKEN_FOREIGN, 0); }

static void on_tag(void *token, uint64_t n) { take(token, SY_TOKEN_FOREIGN, n); }

static void on_bytes(void *token, cbor_data content, cbor_length length) {
  take(token, SY_TOKEN_BYTES, length);
  ((struct sy_token *)token)->content = content;
}

static void on_text(void *token, cbor_data content, cbor_length length) {
  take(token, SY_TOKEN_TEXT, length);
  ((struct sy_token *)token)->content = content;
}

static void on_double(void *token, double real) {
  take(token, SY_TOKEN_FLOAT, 0);
  ((struct sy_token *)token)->real = real;
}

static void on_float(void *token, float real) { on_double(token, real); }

static void on_bool(void *token, bool boolean) {
  take(token, SY_TOKEN_BOOL, 0);
  ((struct sy_token *)token)->boolean = boolean;
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = on_foreign,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_foreign,
    .indef_array_start = on_foreign,
    .array_start = on_array,
    .indef_map_start = on_foreign,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_foreign,
    .null = on_null,
    .boolean = on_bool,
    .indef_break = on_foreign,
};

bool sy_read_token(const uint8_t *at, size_t left, struct sy_token *token) {
  struct cbor_decoder_result result = cbor_stream_decode(at, left, &callbacks, token);
  token->size = result.read;
  return result.status == CBOR_DECODER_FINISHED;
}
