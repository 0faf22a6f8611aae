/* Paho MQTT C, driven by requests in JSON on its input, a line each; answers and messages are on its output. */
#define _POSIX_C_SOURCE 200809L

#include <MQTTAsync.h>
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MQTTAsync client;

static const char *text_of(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
  return text != NULL ? text : "";
}

static int number_of(const cJSON *object, const char *name) {
  return (int)cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static int is_set(const cJSON *object, const char *name) { return cJSON_IsTrue(cJSON_GetObjectItem(object, name)); }

/* One line, in one call: callbacks come on threads of Paho's. */
static void say(cJSON *what) {
  char *line = cJSON_PrintUnformatted(what);
  printf("%s\n", line);
  fflush(stdout);
  free(line);
  cJSON_Delete(what);
}

static cJSON *answer_to(int number) {
  cJSON *answer = cJSON_CreateObject();
  cJSON_AddNumberToObject(answer, "n", number);
  return answer;
}

static void say_failed(int number, int code, const char *message) {
  char why[256];
  snprintf(why, sizeof why, "%d %s", code, message != NULL ? message : "");
  cJSON *answer = answer_to(number);
  cJSON_AddStringToObject(answer, "error", why);
  say(answer);
}

static int number_in(void *context) { return (int)(intptr_t)context; }

static void on_done(void *context, MQTTAsync_successData *data) {
  (void)data;
  say(answer_to(number_in(context)));
}

static void on_connected(void *context, MQTTAsync_successData *data) {
  cJSON *answer = answer_to(number_in(context));
  cJSON_AddBoolToObject(answer, "present", data->alt.connect.sessionPresent);
  say(answer);
}

static void on_failed(void *context, MQTTAsync_failureData *data) {
  say_failed(number_in(context), data != NULL ? data->code : 0, data != NULL ? data->message : NULL);
}

static void on_done5(void *context, MQTTAsync_successData5 *data) {
  (void)data;
  say(answer_to(number_in(context)));
}

static void on_failed5(void *context, MQTTAsync_failureData5 *data) {
  say_failed(number_in(context), data != NULL ? data->code : 0, data != NULL ? data->message : NULL);
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message) {
  (void)context;
  (void)topic_length;
  char *payload = calloc(1, (size_t)message->payloadlen + 1);
  memcpy(payload, message->payload, (size_t)message->payloadlen);
  cJSON *said = cJSON_CreateObject();
  cJSON *shown = cJSON_AddObjectToObject(said, "message");
  cJSON_AddStringToObject(shown, "topic", topic);
  cJSON_AddStringToObject(shown, "payload", payload);
  cJSON_AddNumberToObject(shown, "qos", message->qos);
  cJSON_AddBoolToObject(shown, "retain", message->retained);
  say(said);
  free(payload);
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  return 1;
}

static MQTTAsync_responseOptions answering(void *context) {
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  response.onSuccess = on_done;
  response.onFailure = on_failed;
  response.context = context;
  return response;
}

static int start_connect(const cJSON *request, void *context) {
  int is5 = number_of(request, "protocolVersion") == 5;
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
  create.MQTTVersion = is5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  int code = MQTTAsync_createWithOptions(&client, getenv("HUB_URL"), text_of(request, "clientId"),
                                         MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
  if (code != MQTTASYNC_SUCCESS) return code;
  code = MQTTAsync_setCallbacks(client, NULL, NULL, on_message, NULL);
  if (code != MQTTASYNC_SUCCESS) return code;

  MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
  tls.trustStore = getenv("HUB_CA");
  tls.disableDefaultTrustStore = 1;
  tls.enableServerCertAuth = 1;
  tls.verify = 1;

  MQTTAsync_connectOptions as4 = MQTTAsync_connectOptions_initializer_ws;
  MQTTAsync_connectOptions as5 = MQTTAsync_connectOptions_initializer5_ws;
  MQTTAsync_connectOptions options = is5 ? as5 : as4;
  MQTTAsync_willOptions last_will = MQTTAsync_willOptions_initializer;
  const cJSON *will = cJSON_GetObjectItem(request, "will");
  if (will != NULL) {
    last_will.topicName = text_of(will, "topic");
    last_will.message = text_of(will, "payload");
    last_will.qos = number_of(will, "qos");
    options.will = &last_will;
  }
  if (is5) {
    options.onSuccess5 = on_done5;
    options.onFailure5 = on_failed5;
  } else {
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.cleansession = is_set(request, "clean");
    options.onSuccess = on_connected;
    options.onFailure = on_failed;
  }
  options.username = getenv("HUB_USER");
  options.password = getenv("HUB_PASSWORD");
  options.ssl = &tls;
  options.context = context;
  return MQTTAsync_connect(client, &options);
}

static int start_publish(const cJSON *request, void *context) {
  MQTTAsync_responseOptions response = answering(context);
  const char *payload = text_of(request, "payload");
  return MQTTAsync_send(client, text_of(request, "topic"), (int)strlen(payload), payload, number_of(request, "qos"),
                        is_set(request, "retain"), &response);
}

static int start_disconnect(void *context) {
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
  options.onSuccess = on_done;
  options.onFailure = on_failed;
  options.context = context;
  return MQTTAsync_disconnect(client, &options);
}

static int start(const cJSON *request, void *context) {
  MQTTAsync_responseOptions response = answering(context);
  const char *what = text_of(request, "do");
  const char *filter = text_of(request, "filter");
  if (strcmp(what, "connect") == 0) return start_connect(request, context);
  if (strcmp(what, "disconnect") == 0) return start_disconnect(context);
  if (strcmp(what, "publish") == 0) return start_publish(request, context);
  if (strcmp(what, "subscribe") == 0) return MQTTAsync_subscribe(client, filter, number_of(request, "qos"), &response);
  return MQTTAsync_unsubscribe(client, filter, &response);
}

int main(void) {
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    cJSON *request = cJSON_Parse(line);
    int number = number_of(request, "n");
    int code = start(request, (void *)(intptr_t)number);
    if (code != MQTTASYNC_SUCCESS) say_failed(number, code, MQTTAsync_strerror(code));
    cJSON_Delete(request);
  }
  free(line);
  return 0;
}
