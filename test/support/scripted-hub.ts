import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '#broker/auth/principal.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { loadSettings } from '#broker/config/settings.ts';
import type { Fleet } from '#broker/fleet/fleet.ts';
import { Admission } from '#broker/links/admission.ts';
import { clientOf } from '#broker/links/client-address.ts';
import { listen } from '#broker/links/listeners.ts';
import { MqttBroker } from '#broker/mqtt/broker.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { LocalCertificate } from '#broker/tls/local-certificate.ts';
import type { DownChannel, UpChannel } from '#firmware-protocol';
import { openDoor } from './door.ts';
import { TestLog } from './hub.ts';

/** A message of the device. */
export interface Said {
  readonly channel: UpChannel;
  readonly payload: Uint8Array;
}

/**
 * The hub's own listeners, links and broker, without the fleet behind them: nothing is told to the device but what a
 * test says. So a device can be shown what the hub itself would never send.
 */
export class ScriptedHub {
  readonly wss: string;
  /** The local CA, PEM. */
  readonly ca: string;
  /** All that the device sent, and its wills, in order. */
  readonly said: Said[] = [];
  readonly #device: string;
  readonly #mqtt: MqttBroker;
  readonly #undo: readonly (() => unknown)[];
  readonly #waiting = new Set<() => void>();
  #subscriptions = 0;

  private constructor(
    device: string,
    mqtt: MqttBroker,
    at: { wss: string; ca: string },
    undo: (() => unknown)[],
  ) {
    this.#device = device;
    this.#mqtt = mqtt;
    this.wss = at.wss;
    this.ca = at.ca;
    this.#undo = undo;
  }

  /** Starts one that takes whoever connects for this device of the tenant "home". */
  static async start(device: string): Promise<ScriptedHub> {
    const data = mkdtempSync(join(tmpdir(), 'switchyard-scripted-'));
    const { limits, tenant } = loadSettings({ data });
    const principal: Principal = { kind: 'device', tenant, id: device, generation: 1 };
    const log = new TestLog();
    const store = new SqliteStore(':memory:');
    const mqtt = await MqttBroker.start({
      tenant,
      authenticate: () => Promise.resolve(principal),
      access: { count: 0, lookAgain: () => undefined },
      log,
      connectTimeout: limits.connectMs,
      sessionLimits: limits,
      store,
      now: () => Date.now(),
      elapsed: () => performance.now(),
    });
    const { admitting, listening } = openDoor(limits);
    const admission = new Admission({
      bounds: limits,
      ...admitting,
      originAllowed: () => true,
      clientOf: clientOf([]),
      onLink: (link) => mqtt.accept(link),
      reach: () => mqtt.reach,
      onFailure: (error) => log.error('a packet could not be taken', error),
    });
    const { key, cert, ca } = await new LocalCertificate(new DataFolder(data), [], log).load(Date.now());
    const listeners = await listen({
      https: { port: 0, key, cert },
      http: { host: '127.0.0.1', port: 0 },
      ...listening,
      admitsPlain: () => true,
      onRequest: (_request, response) => response.writeHead(404).end(),
    });
    admission.attach(listeners.https);
    const wss = `wss://localhost:${listeners.httpsPort}/mqtt`;
    const hub = new ScriptedHub(device, mqtt, { wss, ca }, [
      () => admission.close(),
      () => listeners.close(),
      () => mqtt.close(),
      () => store.close(),
      () => rmSync(data, { recursive: true }),
    ]);
    mqtt.serve(hub.#fleet() as unknown as Fleet, () => []);
    return hub;
  }

  /** Sends a message on `dn/{channel}`. */
  tell(channel: string, payload: Uint8Array): void {
    this.#mqtt.toDevice(this.#device, channel as DownChannel, payload);
  }

  /** Ends the device's link, as a bad network would. */
  cut(): void {
    this.#mqtt.dismiss(() => 'the test wants it so');
  }

  /** Resolves when the device has subscribed this often in all. */
  async subscribed(times: number): Promise<void> {
    await this.until(() => (this.#subscriptions >= times ? true : undefined));
  }

  /** Resolves with the first answer that `find` gives, for what the device said so far and is still to say. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async close(): Promise<void> {
    for (const step of this.#undo) await step();
  }

  #fleet() {
    const happened = (): void => {
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    };
    return {
      connected: () => Promise.resolve(),
      disconnected: happened,
      listening: () => {
        this.#subscriptions += 1;
        happened();
      },
      received: (_id: string, channel: UpChannel, payload: Uint8Array) => {
        this.said.push({ channel, payload: Uint8Array.from(payload) });
        happened();
      },
    } satisfies Partial<Record<keyof Fleet, unknown>>;
  }
}
