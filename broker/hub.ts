import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { authenticator, tokenReader } from './auth/authenticate.ts';
import { HubKeys } from './auth/keys.ts';
import { Sessions } from './auth/sessions.ts';
import { DataFolder } from './config/data-folder.ts';
import { lockFolder } from './config/folder-lock.ts';
import type { Settings } from './config/settings.ts';
import { AccessWatch, type Whom } from './access-watch.ts';
import { Clock } from './clock.ts';
import { Fleet } from './fleet/fleet.ts';
import { Pump } from './fleet/pump.ts';
import { History, HISTORY_FILE } from './history/history.ts';
import { createApp } from './http/app.ts';
import { keepHouse } from './housekeeping.ts';
import { hostPolicy, originPolicy, toldOrigin } from './http/origins.ts';
import { doorMetrics, fleetMetrics, linkMetrics, mqttMetrics } from './hub-metrics.ts';
import { Admission } from './links/admission.ts';
import { clientOf, countedBy } from './links/client-address.ts';
import { Door } from './links/door/door.ts';
import { inFaultDomain } from './links/fault-domain.ts';
import { listen } from './links/listeners.ts';
import { plainDoor } from './links/plain-door.ts';
import { Refusals } from './links/refusals.ts';
import type { Log } from './log/log.ts';
import { EventLoopDelay } from './metrics/event-loop-delay.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import { MqttBroker } from './mqtt/broker.ts';
import { STORE_FILE } from './store/sqlite/sqlite-store.ts';
import { ThreadedStore } from './store/threaded/threaded-store.ts';
import { Operations } from './operations.ts';
import { certificateSource } from './tls/certificate-source.ts';
import { fingerprintOf, type Certificates } from './tls/certificates.ts';
import { keepFresh } from './tls/keep-fresh.ts';

const CONSOLE_FOLDER = join(import.meta.dirname, '..', 'console', 'dist');

/** A running hub. */
export interface Hub {
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Where people find the console. */
  readonly url: string;
  /** SHA-256 of the certificate by which the hub was known when it started. */
  readonly fingerprint: string;
  /** Tells all links, saves what is unsaved and closes the store. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a hub.
 * @param clock the hub's time
 * @throws StartError where it cannot start; nothing stays open then
 */
export async function startHub(settings: Settings, log: Log, clock = new Clock()): Promise<Hub> {
  const { tenant, limits } = settings;
  const undo: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const undoAll = (): Promise<void> => (closing ??= takeApart(undo, log));

  try {
    const folder = new DataFolder(settings.data);
    undo.push(lockFolder(folder));
    const keys = await HubKeys.load(folder);
    const source = certificateSource(settings, folder, log);
    const certificates = await source.load(clock.now());

    const store = await ThreadedStore.open(folder.file(STORE_FILE), (cause) =>
      log.error(`the thread of the store has ended (${cause}); the next call starts it again`),
    );
    undo.push(() => store.close());

    const history = await History.open(folder.file(HISTORY_FILE), settings.keep, log, { clock: clock.now });
    undo.push(() => history.close());

    const mqtt = await MqttBroker.start({
      tenant,
      log,
      connectTimeout: limits.connectMs,
      sessionLimits: limits,
      store,
      authenticate: authenticator(store, keys, tenant, (device) => fleet.introduced(device)),
      access: {
        get count() {
          return watch.count;
        },
        lookAgain: (who, asOf) => watch.lookAgain(who, asOf),
      },
      now: clock.now,
      elapsed: () => performance.now(),
    });
    undo.push(() => mqtt.close());

    const forgetReadings = (device: string): void => {
      history
        .removeDevice(device)
        .catch((error: unknown) => log.error(`the telemetry of ${device} could not be removed`, error));
    };

    const boot = randomBytes(4).readUInt32BE();
    const fleet: Fleet = new Fleet(
      {
        store,
        log,
        toDevice: (device, channel, payload) => mqtt.toDevice(device, channel, payload),
        retain: (device, channel, payload) => mqtt.retain(device, channel, payload),
        toConsoles: (channel, payload) => mqtt.toConsoles(channel, payload),
        dropDevice: (device) => mqtt.dropDevice(device, 'this device was removed'),
        record: (device, pid, t, value) => history.record(device, pid, t, value),
        forget: (device) => {
          operations.removed(device);
          forgetReadings(device);
        },
        trouble: () =>
          mqtt.trouble ?? (history.state().problem && 'Telemetry is shown, but cannot be kept just now.'),
        wake: () => pump.wake(),
      },
      boot,
    );
    const operations = new Operations({
      store,
      fleet,
      clock,
      log,
      boot,
      toConsoles: (channel, payload) => mqtt.toConsoles(channel, payload),
    });
    const pump = new Pump(
      clock.now,
      (now) => fleet.run(now),
      (error) => log.error('the fleet could not do what was due', error),
    );
    clock.onJump((by, now) => {
      log.warn(
        `the clock of this machine was set ${by > 0 ? 'forward' : 'back'} by ${describe(Math.abs(by))}`,
      );
      fleet.clockJumped(by, now);
      mqtt.clockJumped(by);
    });
    mqtt.serve(fleet, (channel, now) =>
      channel === 'batch' ? operations.batches.snapshot(now) : fleet.snapshot(channel, now),
    );
    undo.push(keepHouse(store, settings.keep, clock.now, log));
    const watch: AccessWatch = new AccessWatch({
      tenant,
      store,
      keys,
      fleet,
      links: mqtt,
      log,
      now: clock.now,
    });
    await watch.load(clock.now());
    await mqtt.load();
    await watch.holdSessions();
    undo.push(() => watch.stop());
    // Those that were removed while no hub ran.
    for (const device of history.devices()) if (!fleet.device(device)) forgetReadings(device);
    undo.push(() => fleet.close(clock.now()));
    undo.push(() => pump.stop());
    await operations.load(clock.now());
    const { groups, batches, schedules } = operations;

    const client = clientOf(settings.trustProxy);
    const counted = countedBy(settings.trustProxy);
    const refusals = new Refusals(log);
    const door = new Door({ limits, countedBy: counted, refusals });
    let originAllowed = (_origin: string): boolean => false;
    let isOwnHost = (_hostname: string): boolean => false;
    const sessions = new Sessions({
      store,
      keys,
      tenant,
      onEnded: (person) => watch.changed({ kind: 'person', id: person }),
    });
    const admission = new Admission({
      bounds: limits,
      limits,
      silence: limits.silenceMs,
      originAllowed: (origin) => originAllowed(origin),
      clientOf: client,
      countedBy: counted,
      door,
      refusals,
      onLink: (link) => mqtt.accept(link),
      reach: () => mqtt.reach,
      onFailure: (error) => log.error('a packet could not be taken', error),
    });
    const delay = new EventLoopDelay();
    undo.push(() => delay.close());
    const app = createApp({
      consoleFolder: CONSOLE_FOLDER,
      log,
      api: {
        devices: fleet,
        records: store,
        history,
        groups,
        batches,
        schedules,
        sessions,
        access: { store, keys, tenant },
        accessChanged: (whom: Whom) => watch.changed(whom),
        registryChanged: () => watch.registryChanged(),
      },
      identify: tokenReader(store, keys, tenant),
      now: clock.now,
      elapsed: () => performance.now(),
      ca: certificates.ca,
      originAllowed: (origin) => originAllowed(origin),
      clientOf: client,
      isOwnHost: (hostname) => isOwnHost(hostname),
      health: () => ({
        trouble: fleet.trouble,
        links: admission.count,
        ...fleet.count(),
        history: historyFigures(history),
        uptime: Math.floor(process.uptime()),
      }),
      metrics: () => [
        ...processMetrics(delay),
        ...doorMetrics(admission.connections, admission.refusals),
        ...linkMetrics(admission.counts, admission.outboundBytes),
        ...mqttMetrics(mqtt.figures),
        ...fleetMetrics(fleet, history),
      ],
    });

    const listeners = await listen({
      https: { ...settings.https, ...certificates },
      http: settings.http,
      onRequest: requestListener(app.fetch as never, log),
      admitsPlain: plainDoor(settings.trustProxy),
      patience: limits,
      door,
      refusals,
      onTrouble: (line) => log.warnLimited('listener', line),
    });
    undo.push(() => listeners.close());
    const { httpsPort, httpPort } = listeners;
    const answerTo = ({ names }: Certificates): void => {
      originAllowed = originPolicy(names, { https: httpsPort, http: httpPort }, settings.origins);
      isOwnHost = hostPolicy(names, settings.origins);
    };
    answerTo(certificates);
    undo.push(
      keepFresh({
        source,
        onNewer: (newer) => {
          listeners.present(newer);
          answerTo(newer);
        },
        now: clock.now,
        log,
      }),
    );
    admission.attach(listeners.https);
    admission.attach(listeners.http);
    undo.push(() => admission.close());
    undo.push(() => fleet.leave());
    operations.begin();
    watch.begin();
    undo.push(() => operations.close());

    return {
      httpsPort,
      httpPort,
      url: toldOrigin(certificates.names, httpsPort),
      fingerprint: fingerprintOf(certificates),
      close: undoAll,
    };
  } catch (error) {
    await undoAll();
    throw error;
  }
}

function historyFigures(history: History) {
  const { samples, bytes, dropped } = history.state();
  return { samples, bytes, dropped };
}

const describe = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Takes apart in reverse what was put together; a step that fails keeps none of the others from being taken. */
async function takeApart(steps: readonly (() => unknown)[], log: Log): Promise<void> {
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      log.error('a part of the hub could not be closed', error);
    }
  }
}

/** Each request is a fault domain: what fails of it ends its connection. */
const requestListener = (fetch: Parameters<typeof getRequestListener>[0], log: Log): RequestListener => {
  const listener = getRequestListener(fetch);
  return (request: IncomingMessage, response: ServerResponse) => {
    const fail = (error: unknown): void => {
      log.error('a request could not be answered', error);
      response.destroy();
    };
    inFaultDomain({ fail }, () => void listener(request, response));
  };
};
