import { selection as selectionSchema, type Selection, type ToldGroup } from '../../contract/selection.ts';
import type { RegistryStore } from '../../store/registry.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import type { Devices } from './device-view.ts';
import { matching, sizesOf } from './select.ts';

/** Named groups of devices: fixed ones that list ids, and those that hold whoever has a tag or is of a model. */
export class Groups {
  readonly #store: RegistryStore;
  readonly #devices: Devices;
  readonly #groups = new Map<string, Selection>();

  constructor(store: RegistryStore, devices: Devices) {
    this.#store = store;
    this.#devices = devices;
  }

  async load(): Promise<void> {
    for (const { name, selection } of await this.#store.groups()) {
      this.#groups.set(name, selectionSchema.parse(JSON.parse(selection)));
    }
  }

  readonly lookup = (name: string): Selection | undefined => this.#groups.get(name);

  /** By name. */
  list(): ToldGroup[] {
    return this.#tell([...this.#groups.keys()].sort());
  }

  /** @throws RequestFault where there is none of this name */
  get(name: string): ToldGroup {
    this.#require(name);
    return this.#tell([name])[0] as ToldGroup;
  }

  /**
   * Makes a group or replaces the one of this name.
   * @throws RequestFault where it refers to a group or to a device that there is not
   * @throws StoreError where it could not be stored; nothing has changed then
   */
  async save(name: string, selection: Selection): Promise<ToldGroup> {
    if (selection.group !== undefined) {
      throw new RequestFault('invalid', 'selection.group: a group cannot be made of another group');
    }
    matching(selection, this.#devices, this.lookup);
    await this.#store.saveGroup({ name, selection: JSON.stringify(selection) });
    this.#groups.set(name, selection);
    return this.get(name);
  }

  /** @throws RequestFault where there is none of this name, StoreError where it could not be removed */
  async remove(name: string): Promise<void> {
    this.#require(name);
    await this.#store.removeGroup(name);
    this.#groups.delete(name);
  }

  #require(name: string): void {
    if (!this.#groups.has(name)) throw new RequestFault('notFound', `there is no group "${name}"`);
  }

  #tell(names: readonly string[]): ToldGroup[] {
    const selections = names.map((name) => this.#groups.get(name) as Selection);
    const sizes = sizesOf(selections, this.#devices);
    return names.map((name, at) => ({
      name,
      selection: selections[at] as Selection,
      devices: sizes[at] as number,
    }));
  }
}
