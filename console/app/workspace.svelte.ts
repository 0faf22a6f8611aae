import { createContext } from 'svelte';
import { tokenTopic } from '#firmware-protocol';
import type { Role } from '#broker/contract/session.ts';
import { obstacle } from '../fleet/access.ts';
import type { DeviceEntry } from '../fleet/device-entry.svelte.ts';
import { Batches } from '../fleet/batches.svelte.ts';
import { Feeds } from '../fleet/feeds.ts';
import { Fleet } from '../fleet/fleet.svelte.ts';
import { Groups } from '../fleet/groups.svelte.ts';
import { Operator } from '../fleet/operator.ts';
import { Selected } from '../fleet/selected.svelte.ts';
import { Link } from '../link/link.svelte.ts';
import { HubApi } from '../session/hub-api.ts';
import { SignIn } from '../session/sign-in.svelte.ts';
import { text } from '../text/text.ts';
import { Theme } from '../theme/theme.svelte.ts';
import { Clock } from './clock.ts';
import { Notices } from './notices.svelte.ts';
import { Questions } from './questions.svelte.ts';
import { Router } from './router.svelte.ts';

const mqttUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;

/** Everything that the pages share, put together. */
export class Workspace {
  readonly clock = new Clock();
  readonly router = new Router();
  readonly theme = new Theme();
  readonly questions = new Questions();
  readonly notices = new Notices();
  readonly fleet = new Fleet((command) => {
    if (command.who === this.me && command.batch === undefined)
      this.notices.tellOutcome(command, this.fleet.entry(command.device));
  });
  readonly batches = new Batches();
  readonly selected = new Selected();
  readonly signIn = new SignIn(
    () => this.clock.read(),
    () => this.#holdLink(),
  );
  readonly api = new HubApi((refused) => this.signIn.fresh(refused));
  readonly groups = new Groups(this.api);
  readonly link = new Link({
    url: mqttUrl(),
    credentials: async (refused) => {
      const { user, accessToken } = await this.signIn.fresh(refused);
      this.#shown = accessToken;
      return { username: `@${user.id}`, password: accessToken };
    },
    opened: () => {
      this.#holdLink();
      this.#feeds?.open();
    },
    message: (topic, payload) => this.#feeds?.receive(topic, payload),
  });
  readonly operator = new Operator(
    () => this.signIn.session,
    this.fleet,
    this.clock,
    (topic, payload) => this.link.publish(topic, payload),
  );
  #feeds: Feeds | undefined;
  /** The token that the link was made with, or that it was given since. */
  #shown: string | undefined;

  /** Whoever is signed in, as commands name their actors. */
  get me(): string {
    return `@${this.signIn.session?.user.id ?? ''}`;
  }

  get role(): Role {
    return this.signIn.session?.user.role ?? 'viewer';
  }

  /** Whether whoever is signed in may change anything. */
  get mayAct(): boolean {
    return this.role !== 'viewer';
  }

  /** Why a device cannot be operated just now, for whoever tries; undefined where it can. */
  hint(entry: DeviceEntry): string | undefined {
    const reason = obstacle(this.role, this.link.isUp, entry.presence);
    return reason && text.obstacle[reason];
  }

  /** Links up in the name of a tenant's operator. Returns how to undo it. */
  open(tenant: string): () => void {
    this.#feeds = new Feeds(tenant, this.fleet, this.batches, this.clock, this.link);
    this.link.start();
    const everySecond = setInterval(() => {
      this.link.tick();
      this.fleet.tick(this.clock.read());
    }, 1_000);
    const tryNow = (): void => this.link.tryNow();
    addEventListener('online', tryNow);
    // A page that is left may stay in the browser's memory, and be shown again as it was.
    const leave = (): void => this.link.stop();
    const comeBack = (): void => this.link.start();
    addEventListener('pagehide', leave);
    addEventListener('pageshow', comeBack);
    return () => {
      removeEventListener('pagehide', leave);
      removeEventListener('pageshow', comeBack);
      removeEventListener('online', tryNow);
      clearInterval(everySecond);
      this.#feeds?.close();
      this.link.stop();
      this.fleet.clear();
      this.batches.clear();
      this.selected.clear();
    };
  }

  /** Gives the link the next token before the one that it has runs out (SPEC.md 2.11). */
  #holdLink(): void {
    const { session } = this.signIn;
    if (!session || !this.link.isUp || session.accessToken === this.#shown) return;
    this.#shown = session.accessToken;
    const token = new TextEncoder().encode(session.accessToken);
    // Where it is lost on its way the link is made again, with that token.
    this.link.publish(tokenTopic(session.tenant), token).catch(() => undefined);
  }
}

/** `useWorkspace` throws where no page above has provided one. */
export const [useWorkspace, provideWorkspace] = createContext<Workspace>();
