import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import type { Authenticate, Credentials, Denied } from '../auth/authenticate.ts';
import { networkOf } from '../auth/network.ts';
import { principalName, type DevicePrincipal, type Principal } from '../auth/principal.ts';
import type { DeviceLink } from '../fleet/devices/double-use.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { ENDS } from '../links/ends.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { publication } from '../permission/topics.ts';
import { birthOf } from './birth.ts';
import { clientId, clientIdFault } from './client-id.ts';
import { ownerOf, rightsOf } from './owners.ts';
import type { Router } from './router.ts';
import type { MqttSession, Refusal, Sessions } from './sessions.ts';
import type { SessionKeeper } from './stored/session-keeper.ts';

const REFUSALS: Readonly<Record<Refusal, string>> = {
  2: 'client id refused',
  3: 'too many sessions are kept',
  4: 'bad user name or password',
};
/** MQTT 3.1.1 is protocol level 4 [3.1.2.2]. */
const PROTOCOL_LEVEL = 4;
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
  readonly sessions: Sessions;
  readonly router: Pick<Router, 'watch'>;
  readonly keeper: Pick<SessionKeeper, 'admit'>;
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
    const session = this.#to.sessions.of(client);
    if (!session) return false;
    this.#to.router.watch(client);
    const { username } = packet;
    const password = packet.password?.toString();
    session.asOf = this.#to.access.count;
    session.identity = await this.whois({ username, password }, packet);
    const fault = session.identity.kind === 'denied' ? undefined : faultOf(session.identity, packet);
    if (fault) {
      session.identity = { kind: 'denied', cause: fault.cause };
      session.refusal = fault.refusal;
    }
    if (session.identity.kind === 'denied') this.#refuseConnect(session, session.identity, packet);
    // What a device or a person missed is the hub's to remember: a queue would replay old commands.
    packet.clean = packet.clean !== false || session.identity.kind !== 'service';
    if (session.identity.kind === 'device') {
      const birth = birthOf(session.identity, packet.will);
      const { model } = session.identity;
      session.deviceLink = { address: session.link.remoteAddress, birth, model };
    }
    packet.clientId = clientId(session.identity, packet.clientId);
    return true;
  }

  /** Who shows these credentials. */
  async whois(
    credentials: Credentials,
    { protocolVersion = PROTOCOL_LEVEL }: Pick<ConnectPacket, 'protocolVersion'>,
  ): Promise<Principal | Denied> {
    // Aedes itself answers with return code 1, and asks nobody.
    if (protocolVersion > PROTOCOL_LEVEL)
      return { kind: 'denied', cause: 'it speaks MQTT 5: set its protocol version to MQTT 3.1.1' };
    try {
      return await this.#to.authenticate(credentials, this.#to.now());
    } catch (error) {
      this.#to.log.error('a sign-in could not be checked', error);
      return { kind: 'denied', cause: 'the hub could not check it' };
    }
  }

  /** Lets in whoever was identified, or refuses. */
  answer(client: Client, done: (error: AuthenticateError | null, success: boolean) => void): void {
    const session = this.#to.sessions.of(client);
    const identity = session?.identity;
    if (!session || session.closed || !identity) {
      done(null, false);
      return;
    }
    if (identity.kind === 'denied' || !this.#keepsSession(session, identity)) {
      done(Object.assign(new Error(REFUSALS[session.refusal]), { returnCode: session.refusal }), false);
      return;
    }
    this.#admit(session, identity);
    done(null, true);
  }

  /** Gives a service the session that it asks for. Returns false where it asks in vain. */
  #keepsSession(session: MqttSession, principal: Principal): boolean {
    const { client, link } = session;
    if (client.clean || principal.kind !== 'service') return true;
    if (this.#to.keeper.admit(client, ownerOf(principal), rightsOf(principal))) return true;
    session.refusal = 3;
    link.explain('no-room', REFUSALS[3]);
    return false;
  }

  #refuseConnect(
    { link, refusal }: MqttSession,
    { cause }: Denied,
    { protocolVersion, username }: ConnectPacket,
  ): void {
    this.#to.log.warnLimited(
      `denied:${networkOf(link.remoteAddress)}`,
      `refused a CONNECT from ${link.remoteAddress} as ${quoted(username ?? '')}: ${cause}`,
    );
    const spoken = protocolVersion !== undefined && protocolVersion > PROTOCOL_LEVEL;
    const why = refusal === 2 ? cause : REFUSALS[refusal];
    link.explain('connect-refused', spoken ? 'connect with MQTT 3.1.1' : why);
  }

  /** Before the CONNACK, so that whatever the client sends after it finds its session. */
  #admit(session: MqttSession, principal: Principal): void {
    const { access } = this.#to;
    if (principal.kind === 'device') {
      if (session.deviceLink) this.#takeOver(principal, session.deviceLink);
      session.link.framePackets();
    } else {
      this.#takeUp(session, principal);
    }
    this.#to.sessions.admit(session, principal);
    if (access.count !== session.asOf) access.lookAgain(principal, session.asOf);
    this.#to.log.debug(`${principalName(principal)} connected from ${session.link.remoteAddress}`);
    if (principal.kind !== 'device') return;
    this.#to.fleet.connected(principal.id, this.#to.now(), session.deviceLink);
  }

  /** Aedes ends the session that a device has already; here its peer and the log are told why. */
  #takeOver(device: DevicePrincipal, by: DeviceLink): void {
    for (const session of this.#to.sessions.ofWhom(device)) {
      const { link, deviceLink: old, replaced } = session;
      if (!old || replaced) continue;
      session.replaced = true;
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
  #takeUp({ client, link: by }: MqttSession, principal: Principal): void {
    const who = principalName(principal);
    for (const { client: other, link } of this.#to.sessions.ofWhom(principal)) {
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
