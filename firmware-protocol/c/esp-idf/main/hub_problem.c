#include "hub_problem.h"

#include <mbedtls/x509.h>
#include <stdio.h>
#include <string.h>

enum { BAD_CREDENTIALS = 4, NOT_AUTHORISED = 5 };

void explain_hub_failure(const struct hub_failure *failure, char *text, size_t size) {
  const char *url = failure->url;
  if (failure->return_code == BAD_CREDENTIALS || failure->return_code == NOT_AUTHORISED) {
    snprintf(text, size, "the hub at %s refuses the credentials of %s: check its secret, and that the hub knows it",
             url, failure->device);
  } else if (failure->return_code != 0) {
    snprintf(text, size, "the hub at %s refuses the connection (CONNACK code %d)", url, failure->return_code);
  } else if ((failure->certificate_flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    snprintf(text, size, "the certificate of %s is not of a trusted authority: build with the hub's ca.pem", url);
  } else if ((failure->certificate_flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
    snprintf(text, size, "the certificate of %s is for another name: use a url with a name that it has", url);
  } else if (failure->certificate_flags != 0 || failure->tls_code != 0) {
    snprintf(text, size, "TLS with %s failed (mbedtls -0x%x, certificate 0x%x)", url,
             (unsigned)(failure->tls_code < 0 ? -failure->tls_code : failure->tls_code),
             (unsigned)failure->certificate_flags);
  } else if (failure->socket_error != 0) {
    snprintf(text, size, "no hub at %s (%s): check the url, and that the hub runs", url,
             strerror(failure->socket_error));
  } else {
    snprintf(text, size, "no hub at %s, or it ended the connection: check the url, and the hub's log", url);
  }
}
