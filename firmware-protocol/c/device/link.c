#include "link.h"

#include <MQTTAsync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link_problem.h"

/** Seconds (SPEC.md 2.6). */
#define KEEP_ALIVE 30
/** Seconds. */
#define CONNECT_TIMEOUT 10
#define PROBLEM_SIZE 512

struct link {
  struct link_settings settings;
  struct mailbox *mailbox;
  MQTTAsync client;
  char username[SY_TOPIC_SIZE];
  /** OpenSSL tells of a fault before Paho tells of the failure, maybe on another thread. */
  pthread_mutex_t lock;
  char tls_problem[PROBLEM_SIZE];
};

static void put(struct link *link, enum mail_kind kind) {
  struct mail mail = {.kind = kind};
  mailbox_put(link->mailbox, mail);
}

static int on_tls_problem(const char *text, size_t length, void *context) {
  struct link *link = context;
  pthread_mutex_lock(&link->lock);
  size_t used = strlen(link->tls_problem);
  size_t room = sizeof link->tls_problem - 1 - used;
  if (length > room) length = room;
  memcpy(link->tls_problem + used, text, length);
  link->tls_problem[used + length] = '\0';
  pthread_mutex_unlock(&link->lock);
  return 0;
}

static void fail(struct link *link, int code, const char *message) {
  struct mail mail = {.kind = MAIL_FAILED, .text = malloc(PROBLEM_SIZE)};
  pthread_mutex_lock(&link->lock);
  link->tls_problem[strcspn(link->tls_problem, "\n")] = '\0';
  struct link_failure failure = {link->settings.url, link->settings.device, code, message, link->tls_problem};
  if (mail.text != NULL) explain_failure(&failure, mail.text, PROBLEM_SIZE);
  link->tls_problem[0] = '\0';
  pthread_mutex_unlock(&link->lock);
  mailbox_put(link->mailbox, mail);
}

static void on_connected(void *context, MQTTAsync_successData *data) {
  (void)data;
  put(context, MAIL_CONNECTED);
}

static void on_failed(void *context, MQTTAsync_failureData *data) {
  fail(context, data != NULL ? data->code : MQTTASYNC_FAILURE, data != NULL ? data->message : NULL);
}

static void on_lost(void *context, char *cause) {
  (void)cause;
  put(context, MAIL_LOST);
}

static void on_said_bye(void *context, MQTTAsync_successData *data) {
  (void)data;
  put(context, MAIL_SAID_BYE);
}

static void on_not_said_bye(void *context, MQTTAsync_failureData *data) {
  (void)data;
  put(context, MAIL_SAID_BYE);
}

static void on_closed(void *context, MQTTAsync_successData *data) {
  (void)data;
  put(context, MAIL_CLOSED);
}

static void on_not_closed(void *context, MQTTAsync_failureData *data) {
  (void)data;
  put(context, MAIL_CLOSED);
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message) {
  struct link *link = context;
  size_t topic_size = topic_length > 0 ? (size_t)topic_length : strlen(topic);
  size_t length = (size_t)message->payloadlen;
  struct mail mail = {.kind = MAIL_MESSAGE, .text = calloc(1, topic_size + 1), .payload = malloc(length + 1)};
  if (mail.text != NULL && mail.payload != NULL) {
    memcpy(mail.text, topic, topic_size);
    memcpy(mail.payload, message->payload, length);
    mail.length = length;
    mailbox_put(link->mailbox, mail);
  } else {
    free(mail.text);
    free(mail.payload);
  }
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  return 1;
}

struct link *link_open(const struct link_settings *settings, struct mailbox *mailbox) {
  MQTTAsync_init_options init = MQTTAsync_init_options_initializer;
  init.do_openssl_init = 1;
  MQTTAsync_global_init(&init);

  struct link *link = calloc(1, sizeof *link);
  if (link == NULL) return NULL;
  link->settings = *settings;
  link->mailbox = mailbox;
  pthread_mutex_init(&link->lock, NULL);
  snprintf(link->username, sizeof link->username, "%s/%s", settings->tenant, settings->device);
  MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
  options.MQTTVersion = MQTTVERSION_3_1_1;
  int code = MQTTAsync_createWithOptions(&link->client, settings->url, settings->device, MQTTCLIENT_PERSISTENCE_NONE,
                                         NULL, &options);
  if (code == MQTTASYNC_SUCCESS) code = MQTTAsync_setCallbacks(link->client, link, on_lost, on_message, NULL);
  if (code == MQTTASYNC_SUCCESS) return link;
  link_free(link);
  return NULL;
}

void link_connect(struct link *link, const uint8_t *will, size_t length) {
  char topic[SY_TOPIC_SIZE];
  sy_up_topic(topic, link->settings.tenant, link->settings.device, SY_UP_STATUS);
  MQTTAsync_willOptions last_will = MQTTAsync_willOptions_initializer;
  last_will.topicName = topic;
  last_will.payload.data = will;
  last_will.payload.len = (int)length;
  last_will.qos = sy_up_qos(SY_UP_STATUS);
  last_will.retained = sy_up_retained(SY_UP_STATUS);

  MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
  tls.trustStore = link->settings.ca;
  tls.disableDefaultTrustStore = link->settings.ca != NULL;
  tls.enableServerCertAuth = 1;
  tls.verify = 1;
  tls.ssl_error_cb = on_tls_problem;
  tls.ssl_error_context = link;

  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
  options.MQTTVersion = MQTTVERSION_3_1_1;
  options.cleansession = 1;
  options.keepAliveInterval = KEEP_ALIVE;
  options.connectTimeout = CONNECT_TIMEOUT;
  options.username = link->username;
  options.password = link->settings.secret;
  options.will = &last_will;
  options.ssl = &tls;
  options.onSuccess = on_connected;
  options.onFailure = on_failed;
  options.context = link;
  int code = MQTTAsync_connect(link->client, &options);
  if (code != MQTTASYNC_SUCCESS) fail(link, code < 0 ? code : -code, MQTTAsync_strerror(code));
}

void link_subscribe(struct link *link) {
  char filter[SY_TOPIC_SIZE];
  sy_down_filter(filter, link->settings.tenant, link->settings.device);
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  MQTTAsync_subscribe(link->client, filter, 1, &response);
}

static int publish(struct link *link, enum sy_up channel, const uint8_t *payload, size_t length,
                   MQTTAsync_responseOptions *response) {
  char topic[SY_TOPIC_SIZE];
  sy_up_topic(topic, link->settings.tenant, link->settings.device, channel);
  return MQTTAsync_send(link->client, topic, (int)length, payload, sy_up_qos(channel), sy_up_retained(channel),
                        response);
}

void link_publish(struct link *link, enum sy_up channel, const uint8_t *payload, size_t length) {
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  publish(link, channel, payload, length, &response);
}

void link_say_bye(struct link *link, const uint8_t *payload, size_t length) {
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  response.onSuccess = on_said_bye;
  response.onFailure = on_not_said_bye;
  response.context = link;
  if (publish(link, SY_UP_STATUS, payload, length, &response) != MQTTASYNC_SUCCESS) put(link, MAIL_SAID_BYE);
}

void link_close(struct link *link) {
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
  options.onSuccess = on_closed;
  options.onFailure = on_not_closed;
  options.context = link;
  if (MQTTAsync_disconnect(link->client, &options) != MQTTASYNC_SUCCESS) put(link, MAIL_CLOSED);
}

void link_free(struct link *link) {
  MQTTAsync_destroy(&link->client);
  pthread_mutex_destroy(&link->lock);
  free(link);
}
