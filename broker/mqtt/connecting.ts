import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Authenticate, Credentials, Denied } from '../auth/authenticate.ts';
import { networkOf } from '../auth/network.ts';
import { principalName, type DevicePrincipal, type Principal, type Service } from '../auth/principal.ts';
import type { DeviceLink } from '../fleet/devices/double-use.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { ENDS } from '../links/ends.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { publication } from '../permission/topics.ts';
import { birthOf } from './birth.ts';
import { clientId, clientIdFault } from './client-id.ts';
import { ownerOf, rightsOf } from './owners.ts';
import type { Connection, Connections, Refusal } from './connections.ts';
import type { KeptSessions } from './session/kept-sessions.ts';
import type { Session } from './session/session.ts';

const REFUSALS: Readonly<Record<Refusal, string>> = {
  2: 'client id refused',
  3: 'too many sessions are kept',
  4: 'bad user name or password',
};
/** What a device is told whose session another one has taken over. */
const TAKEN_OVER = 'another connection with the same credentials took over';

/**
 * What changes of who may be here. Somebody may be let in by what was true a moment ago: where `count` has changed
 * since their credentials were looked at, they are looked at again.
 */
export interface AccessChanges {
  readonly count: number;
  /** @param asOf the count when their credentials were looked at */
  lookAgain(who: Principal, asOf: number): void;
}

export interface ConnectingOptions {
  readonly authenticate: Authenticate;
  readonly access: AccessChanges;
  readonly connections: Connections;
  /** How many links a person or a service may have. */
  readonly linksPerAccount: number;
  readonly kept: Pick<KeptSessions, 'open'>;
  /** A session that ends with its connection. */
  readonly cleanSession: () => Session;
  readonly fleet: Pick<Fleet, 'connected' | 'outlived'>;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** The CONNECT of a client: who it is, and whether it is let in. */
export class Connecting {
  readonly #to: ConnectingOptions;

  constructor(options: ConnectingOptions) {
    this.#to = options;
  }

  /** Finds out who connects, before Aedes gives the client its id. Returns false where there is nobody any more. */
  async identify(client: Client, packet: ConnectPacket): Promise<boolean> {
    const connection = this.#to.connections.of(client);
    if (!connection) return false;
    const { username } = packet;
    const password = packet.password?.toString();
    connection.asOf = this.#to.access.count;
    connection.identity = await this.whois({ username, password });
    const fault = connection.identity.kind === 'denied' ? undefined : faultOf(connection.identity, packet);
    if (fault) {
      connection.identity = { kind: 'denied', cause: fault.cause };
      connection.refusal = fault.refusal;
    }
    if (connection.identity.kind === 'denied') this.#refuseConnect(connection, connection.identity, packet);
    // What a device or a person missed is the hub's to remember: a queue would replay old commands.
    packet.clean = packet.clean !== false || connection.identity.kind !== 'service';
    if (connection.identity.kind === 'device') {
      const birth = birthOf(connection.identity, packet.will);
      const { model } = connection.identity;
      connection.deviceLink = { address: connection.link.remoteAddress, birth, model };
    }
    packet.clientId = clientId(connection.identity, packet.clientId);
    // The hub itself sees to it, by whatever comes: Aedes does not hear all of it.
    connection.keepAlive(packet.keepalive ?? 0);
    packet.keepalive = 0;
    return true;
  }

  /** Who shows these credentials. */
  async whois(credentials: Credentials): Promise<Principal | Denied> {
    try {
      return await this.#to.authenticate(credentials, this.#to.now());
    } catch (error) {
      this.#to.log.error('a sign-in could not be checked', error);
      return { kind: 'denied', cause: 'the hub could not check it' };
    }
  }

  /** Lets in whoever was identified, or refuses. */
  answer(client: Client, done: (error: AuthenticateError | null, success: boolean) => void): void {
    const connection = this.#to.connections.of(client);
    const identity = connection?.identity;
    if (!connection || connection.closed || !identity) {
      done(null, false);
      return;
    }
    if (
      identity.kind === 'denied' ||
      !this.#hasRoom(connection, identity) ||
      !this.#givesSession(connection, identity)
    ) {
      done(Object.assign(new Error(REFUSALS[connection.refusal]), { returnCode: connection.refusal }), false);
      return;
    }
    this.#admit(connection, identity);
    done(null, true);
  }

  /** Whether an account may have another link. A device has but one, and who connects again takes over. */
  #hasRoom(connection: Connection, principal: Principal): boolean {
    const { connections, linksPerAccount } = this.#to;
    const own = connections.ofWhom(principal);
    if (principal.kind === 'device' || own.size < linksPerAccount) return true;
    for (const { client } of own) if (client.id === connection.client.id) return true;
    connection.refusal = 3;
    connection.link.explain(
      'no-room',
      `${principalName(principal)} has as many links as it may: ${own.size}`,
    );
    return false;
  }

  /** Gives a client its session, before its CONNACK. Returns false where there are as many as may be. */
  #givesSession(connection: Connection, principal: Principal): boolean {
    const { client, link } = connection;
    const kept = !client.clean && principal.kind === 'service';
    connection.session = kept ? this.#keptSession(connection, principal) : this.#to.cleanSession();
    if (connection.session) return true;
    connection.refusal = 3;
    link.explain('no-room', REFUSALS[3]);
    return false;
  }

  /** The session of a service that asks for one. Subscriptions that are no longer allowed go. */
  #keptSession(connection: Connection, service: Service): Session | undefined {
    const owner = ownerOf(service);
    const session = this.#to.kept.open(connection.client.id, owner);
    if (!session) return undefined;
    session.expect(connection);
    const { maySubscribe } = rightsOf(service);
    for (const filter of session.filters.keys()) {
      if (maySubscribe(filter)) continue;
      session.unsubscribe(filter);
      this.#to.log.warnLimited(
        `subscribe:${owner.name}`,
        `${owner.name} may no longer subscribe to ${quoted(filter)}`,
      );
    }
    return session;
  }

  #refuseConnect({ link, refusal }: Connection, { cause }: Denied, { username }: ConnectPacket): void {
    this.#to.log.warnLimited(
      `denied:${networkOf(link.remoteAddress)}`,
      `refused a CONNECT from ${link.remoteAddress} as ${quoted(username ?? '')}: ${cause}`,
    );
    link.explain('connect-refused', refusal === 2 ? cause : REFUSALS[refusal]);
  }

  /** Before the CONNACK, so that whatever the client sends after it finds its session. */
  #admit(connection: Connection, principal: Principal): void {
    const { access } = this.#to;
    if (principal.kind === 'device') {
      if (connection.deviceLink) this.#takeOver(principal, connection.deviceLink);
    } else {
      this.#takeUp(connection, principal);
    }
    connection.link.bill(principalName(principal));
    this.#to.connections.admit(connection, principal);
    if (access.count !== connection.asOf) access.lookAgain(principal, connection.asOf);
    this.#to.log.debug(`${principalName(principal)} connected from ${connection.link.remoteAddress}`);
    if (principal.kind !== 'device') return;
    this.#to.fleet.connected(principal.id, this.#to.now(), connection.deviceLink);
  }

  /** Aedes ends the connection that a device has already; here its peer and the log are told why. */
  #takeOver(device: DevicePrincipal, by: DeviceLink): void {
    for (const connection of this.#to.connections.ofWhom(device)) {
      const { link, deviceLink: old, replaced } = connection;
      if (!old || replaced) continue;
      connection.replaced = true;
      link.explain('taken-over', TAKEN_OVER);
      link.onceClosed((reason, answer) => {
        // Whoever is still there answers a close with its code (RFC 6455 §5.5.1).
        if (reason !== TAKEN_OVER || answer !== ENDS['taken-over']) return;
        this.#to.fleet.outlived(device.id, old, by, this.#to.now());
      });
      this.#to.log.warnLimited(
        `takeover:${device.id}`,
        `${device.id} connected again from ${by.address}, and the connection it had from ${old.address} ends; ` +
          'if this goes on, two programs use one secret',
      );
    }
  }

  /** The same for people and services, who have a link for each client id. */
  #takeUp({ client, link: by }: Connection, principal: Principal): void {
    const who = principalName(principal);
    for (const { client: other, link } of this.#to.connections.ofWhom(principal)) {
      if (other.id !== client.id) continue;
      link.explain('taken-over', 'another connection with the same client id took over');
      this.#to.log.warnLimited(
        `takeover:${who}`,
        `${who} connected again from ${by.remoteAddress}, and the connection it had from ${link.remoteAddress} ends; ` +
          'if this goes on, two programs use one client id',
      );
    }
  }
}

/** What is wrong with the CONNECT of somebody who may come in; undefined where nothing is. */
function faultOf(who: Principal, packet: ConnectPacket): { cause: string; refusal: Refusal } | undefined {
  const fault = clientIdFault(packet);
  if (fault !== undefined) return { cause: fault, refusal: 2 };
  const will = packet.will && publication(who, packet.will.topic)?.kind;
  // It would be done when whoever asks is gone, and may have been sent away.
  if (will !== 'request' && will !== 'renewal') return undefined;
  return { cause: 'its will asks for something, and a will may only tell', refusal: 4 };
}
