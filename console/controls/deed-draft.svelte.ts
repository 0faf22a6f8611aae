import { TYPE, type Property, type Value } from '#firmware-protocol';
import type { BatchOrder, Written } from '#broker/contract/batch.ts';
import type { Deed } from '../fleet/deeds.ts';
import { initialText, parseArgument } from './action-args.ts';

const idOf = ({ kind, key }: Pick<Deed, 'kind' | 'key'>): string => `${kind} ${key}`;

/** What stands in the field of a parameter for a value as the API has it written. */
function textOf(param: Property, written: Written): string {
  if (param.type !== TYPE.enum) return String(written);
  return String(Math.max(0, param.enum?.indexOf(String(written)) ?? 0));
}

/** Whoever switches many things at once mostly means on. */
function firstText(deed: Deed, param: Property): string {
  const text = initialText(param);
  return deed.kind === 'set' && text === 'false' ? 'true' : text;
}

/** What is being written of a deed, among those that there are to choose from. */
export class DeedDraft {
  readonly #deeds: () => readonly Deed[];
  #chosen = $state('');
  /** By deed and parameter, so that other devices do not undo what was written. */
  #written: ReadonlyMap<string, string> = $state.raw(new Map());

  /** @param deeds what there is to choose from, reactively */
  constructor(deeds: () => readonly Deed[]) {
    this.#deeds = deeds;
  }

  get options(): readonly { readonly id: string; readonly label: string }[] {
    return this.#deeds().map((deed) => ({ id: idOf(deed), label: deed.label }));
  }

  get deed(): Deed | undefined {
    const deeds = this.#deeds();
    return deeds.find((deed) => idOf(deed) === this.#chosen) ?? deeds[0];
  }

  /** The id of what is chosen, of those in `options`. */
  get chosen(): string {
    return this.deed ? idOf(this.deed) : '';
  }

  set chosen(id: string) {
    this.#chosen = id;
  }

  /** A field for each parameter. Its value is in wire units, or undefined where what stands there is none. */
  get fields() {
    const { deed } = this;
    return (deed?.params ?? []).map((param, at) => {
      const id = `${this.chosen} ${at}`;
      const text = this.#written.get(id) ?? (deed ? firstText(deed, param) : '');
      return { id, param, text, value: parseArgument(param, text) };
    });
  }

  /** In wire units, in the order of the parameters; undefined while one of them is none. */
  get args(): readonly Value[] | undefined {
    const values = this.fields.map(({ value }) => value);
    const known = values.filter((value) => value !== undefined);
    return this.deed && known.length === values.length ? known : undefined;
  }

  write(field: string, text: string): void {
    this.#written = new Map(this.#written).set(field, text);
  }

  /** Takes up an order that was given before. It must be of one property or action. */
  load({ set, run }: Pick<BatchOrder, 'set' | 'run'>): void {
    const [[key, value] = []] = Object.entries(set ?? {});
    const kind = run ? 'run' : 'set';
    this.#chosen = idOf({ kind, key: run?.action ?? key ?? '' });
    const written = run ? (run.args ?? []) : value === undefined ? [] : [value];
    const params = this.deed?.params ?? [];
    for (const [at, each] of written.entries()) {
      const param = params[at];
      if (param && this.chosen === this.#chosen) this.write(`${this.#chosen} ${at}`, textOf(param, each));
    }
  }
}
