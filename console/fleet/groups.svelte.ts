import type { Selection, ToldGroup } from '#broker/contract/selection.ts';
import type { HubApi } from '../session/hub-api.ts';

/** The named groups that people made. */
export class Groups {
  list: readonly ToldGroup[] = $state.raw([]);
  readonly #api: HubApi;

  constructor(api: HubApi) {
    this.#api = api;
  }

  find(name: string): ToldGroup | undefined {
    return this.list.find((group) => group.name === name);
  }

  /** @throws RequestError */
  async load(): Promise<void> {
    const { groupsOf } = await import('../api/groups.ts');
    this.list = await groupsOf(this.#api);
  }

  /** @throws RequestError */
  async save(name: string, selection: Selection): Promise<void> {
    const { saveGroup } = await import('../api/groups.ts');
    await saveGroup(this.#api, name, selection);
    await this.load();
  }

  /** @throws RequestError */
  async remove(name: string): Promise<void> {
    const { removeGroup } = await import('../api/groups.ts');
    await removeGroup(this.#api, name);
    await this.load();
  }
}
