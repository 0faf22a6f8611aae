import { auditOf, type AuditEntry, type AuditFilter } from '../../api/audit.ts';
import type { HubApi } from '../../session/hub-api.ts';
import { failureText } from '../../text/request-text.ts';

/** Entries that are asked for at once. */
const PAGE = 100;

/** The entries of the audit that fit a filter, from the latest back as far as somebody has looked. */
export class Trail {
  /** Undefined until they have come. */
  entries: readonly AuditEntry[] | undefined = $state.raw();
  /** Whether there may be older ones. */
  hasOlder = $state(false);
  problem = $state('');
  readonly #api: HubApi;
  #filter: AuditFilter = {};
  /** Rises with each question, so that an answer to one before is told apart. */
  #asked = 0;

  constructor(api: HubApi) {
    this.#api = api;
  }

  /** Begins anew. What was found before stays until the answer is here. */
  find(filter: AuditFilter): Promise<void> {
    this.#filter = filter;
    return this.#ask([]);
  }

  older(): Promise<void> {
    return this.#ask(this.entries ?? []);
  }

  async #ask(known: readonly AuditEntry[]): Promise<void> {
    const asked = ++this.#asked;
    try {
      const page = { ...this.#filter, before: known.at(-1)?.t, limit: PAGE };
      const found = await auditOf(this.#api, page);
      if (asked !== this.#asked) return;
      this.entries = [...known, ...found];
      this.hasOlder = found.length >= PAGE;
      this.problem = '';
    } catch (cause) {
      if (asked === this.#asked) this.problem = failureText(cause);
    }
  }
}
