#ifndef CBOR_EXPORT_H
#define CBOR_EXPORT_H

/* What libcbor's own build would generate for a shared library; firmware is linked statically. */
#define CBOR_EXPORT

#endif
