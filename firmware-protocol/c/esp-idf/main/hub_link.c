#include "hub_link.h"

#include <esp_log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub_problem.h"

/** Seconds. */
#define KEEP_ALIVE 30
/** A packet that the lamp takes fits as a whole: its payload, its topic, and the head of PUBLISH. */
#define BUFFER_SIZE (LAMP_MAX_RECEIVED + SY_TOPIC_SIZE + 16)
/** In ms. A client that failed looks twice within it whether it is to end, and closing it waits for that. */
#define IDLE_LOOK 100
#define PROBLEM_SIZE 256

static const char tag[] = "hub";

static void put(struct hub_link *link, enum happening_kind kind) {
  const struct happening happening = {.kind = kind, .attempt = link->attempt};
  happenings_put(link->happenings, &happening);
}

static void log_failure(const struct hub_link *link, const esp_mqtt_error_codes_t *error) {
  struct hub_failure failure = {.url = link->credentials->url, .device = link->credentials->device};
  if (error->error_type == MQTT_ERROR_TYPE_CONNECTION_REFUSED) {
    failure.return_code = (int)error->connect_return_code;
  } else {
    failure.certificate_flags = error->esp_tls_cert_verify_flags;
    failure.tls_code = error->esp_tls_stack_err;
    failure.socket_error = error->esp_transport_sock_errno;
  }
  char text[PROBLEM_SIZE];
  explain_hub_failure(&failure, text, sizeof text);
  ESP_LOGE(tag, "%s", text);
}

static enum sy_down channel_of(const struct hub_link *link, const esp_mqtt_event_t *event) {
  char topic[SY_TOPIC_SIZE];
  if (event->topic == NULL || event->topic_len >= (int)sizeof topic) return SY_DOWN_NONE;
  memcpy(topic, event->topic, (size_t)event->topic_len);
  topic[event->topic_len] = '\0';
  return sy_down_channel(topic, link->credentials->tenant, link->credentials->device);
}

static void on_message(struct hub_link *link, const esp_mqtt_event_t *event) {
  // What comes in more than one piece did not fit the buffer: it is longer than `maxrx`, which no hub sends (15.3).
  if (event->data_len <= 0 || event->data_len != event->total_data_len || event->data_len > LAMP_MAX_RECEIVED) return;
  enum sy_down channel = channel_of(link, event);
  if (channel == SY_DOWN_NONE) return;
  size_t length = (size_t)event->data_len;
  struct message *message = malloc(sizeof *message + length);
  if (message == NULL) return;
  message->channel = channel;
  message->length = length;
  memcpy(message->payload, event->data, length);
  const struct happening happening = {.kind = MESSAGE, .attempt = link->attempt, .message = message};
  // A lamp that has too much to do leaves a command unanswered; the hub sends it again (11.8).
  if (!happenings_put(link->happenings, &happening)) free(message);
}

/** Runs in the task of esp-mqtt, or in the lamp's own when publishing finds the link broken; it must not wait. */
static void on_event(void *context, esp_event_base_t base, int32_t id, void *data) {
  (void)base;
  struct hub_link *link = context;
  const esp_mqtt_event_t *event = data;
  switch ((esp_mqtt_event_id_t)id) {
    case MQTT_EVENT_CONNECTED:
      put(link, LINK_UP);
      break;
    case MQTT_EVENT_DISCONNECTED:
      put(link, LINK_DOWN);
      break;
    case MQTT_EVENT_DATA:
      on_message(link, event);
      break;
    case MQTT_EVENT_SUBSCRIBED:
      if (event->error_handle->error_type == MQTT_ERROR_TYPE_SUBSCRIBE_FAILED) {
        ESP_LOGE(tag, "the hub refuses the subscription: check tenant and device");
      }
      break;
    case MQTT_EVENT_ERROR:
      log_failure(link, event->error_handle);
      break;
    default:
      break;
  }
}

bool hub_link_open(struct hub_link *link, const uint8_t *will, size_t length) {
  const struct credentials *credentials = link->credentials;
  char topic[SY_TOPIC_SIZE];
  char username[SY_TOPIC_SIZE];
  sy_up_topic(topic, credentials->tenant, credentials->device, SY_UP_STATUS);
  snprintf(username, sizeof username, "%s/%s", credentials->tenant, credentials->device);
  const esp_mqtt_client_config_t config = {
      .broker.address.uri = credentials->url,
      .broker.verification.certificate = link->trust.authorities,
      .broker.verification.crt_bundle_attach = link->trust.attach_bundle,
      .credentials.username = username,
      .credentials.client_id = credentials->device,
      .credentials.authentication.password = credentials->secret,
      .session.protocol_ver = MQTT_PROTOCOL_V_3_1_1,
      .session.keepalive = KEEP_ALIVE,
      .session.last_will.topic = topic,
      .session.last_will.msg = (const char *)will,
      .session.last_will.msg_len = (int)length,
      .session.last_will.qos = sy_up_qos(SY_UP_STATUS),
      .session.last_will.retain = sy_up_retained(SY_UP_STATUS),
      .network.disable_auto_reconnect = true,
      .network.reconnect_timeout_ms = IDLE_LOOK,
      .buffer.size = BUFFER_SIZE,
  };
  link->attempt++;
  link->client = esp_mqtt_client_init(&config);
  bool begun = link->client != NULL &&
               esp_mqtt_client_register_event(link->client, MQTT_EVENT_ANY, on_event, link) == ESP_OK &&
               esp_mqtt_client_start(link->client) == ESP_OK;
  if (!begun) hub_link_close(link);
  return begun;
}

void hub_link_close(struct hub_link *link) {
  if (link->client != NULL) esp_mqtt_client_destroy(link->client);
  link->client = NULL;
}

void hub_link_subscribe(struct hub_link *link) {
  char filter[SY_TOPIC_SIZE];
  sy_down_filter(filter, link->credentials->tenant, link->credentials->device);
  esp_mqtt_client_subscribe_single(link->client, filter, 1);
}

void hub_link_publish(struct hub_link *link, enum sy_up channel, const uint8_t *payload, size_t length) {
  char topic[SY_TOPIC_SIZE];
  sy_up_topic(topic, link->credentials->tenant, link->credentials->device, channel);
  esp_mqtt_client_publish(link->client, topic, (const char *)payload, (int)length, sy_up_qos(channel),
                          sy_up_retained(channel));
}
