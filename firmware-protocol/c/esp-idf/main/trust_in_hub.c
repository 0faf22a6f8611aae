#include <stddef.h>

#include "trust.h"

/* Built in where there is a ca.pem beside credentials.csv: only the hub's own authority counts. */

extern const char ca_pem[] asm("_binary_ca_pem_start");

struct trust trusted_authorities(void) { return (struct trust){.authorities = ca_pem}; }
