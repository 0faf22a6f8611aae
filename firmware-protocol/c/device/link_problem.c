#include "link_problem.h"

#include <stdio.h>
#include <string.h>

enum { BAD_CREDENTIALS = 4, NOT_AUTHORISED = 5 };

void explain_failure(const struct link_failure *failure, char *text, size_t size) {
  const char *url = failure->url;
  if (failure->code == BAD_CREDENTIALS || failure->code == NOT_AUTHORISED) {
    snprintf(text, size,
             "the hub at %s refuses the credentials of %s: check its secret, and that the hub knows it; trying again",
             url, failure->device);
  } else if (failure->code > 0) {
    snprintf(text, size, "the hub at %s refuses the connection (CONNACK code %d); trying again", url, failure->code);
  } else if (strstr(failure->tls, "certificate verify failed") != NULL) {
    snprintf(text, size, "the certificate of %s is not trusted: give the hub's ca.pem with --ca; trying again", url);
  } else if (failure->tls[0] != '\0') {
    snprintf(text, size, "TLS with %s failed (%s); trying again", url, failure->tls);
  } else {
    // Paho does not tell a name that the certificate lacks from a hub that does not answer.
    snprintf(text, size,
             "no hub at %s, or its certificate is for another name (%s): check --url, and that the hub runs; "
             "trying again",
             url,
             failure->message != NULL ? failure->message : "no answer");
  }
}
