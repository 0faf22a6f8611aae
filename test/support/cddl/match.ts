import type { Property, PropertyType, Range } from 'cddl';
import { alternatives, ruleOf, type Choice, type Grammar, type Members } from './grammar.ts';

/** A decoded data item, in which integers are bigints, so that they are not floats. */
export type Item = bigint | number | string | boolean | null | Uint8Array | readonly Item[] | Entries;
type Entries = ReadonlyMap<Item, Item>;

/** The types of the prelude (RFC 8610, appendix D) that the protocol uses. */
const PRELUDE: Readonly<Record<string, (item: Item) => boolean>> = {
  any: () => true,
  bool: (item) => typeof item === 'boolean',
  uint: (item) => typeof item === 'bigint' && item >= 0n,
  bstr: (item) => item instanceof Uint8Array,
  tstr: (item) => typeof item === 'string',
  nil: (item) => item === null,
};

/** The key of a member with a cut (RFC 8610 §3.5.4) was there with a value that does not match: nothing else may. */
class Cut extends Error {}

/** Whether a data item matches a rule of the grammar (RFC 8610, appendix C; choices are prioritised, as there). */
export function matches(grammar: Grammar, rule: string, item: Item): boolean {
  return new Matcher(grammar).rule(rule, item);
}

class Matcher {
  readonly #grammar: Grammar;

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  rule(name: string, item: Item): boolean {
    const rule = ruleOf(this.#grammar, name);
    return rule.Type === 'variable' ? this.#choice(rule.PropertyType, item) : this.#type(rule, item);
  }

  #choice(choice: Choice, item: Item): boolean {
    return alternatives(choice).some((type) => this.#type(type, item));
  }

  #type(type: PropertyType, item: Item): boolean {
    if (typeof type === 'string') return prelude(type, item);
    if (type.Type === 'array' && 'Values' in type) return this.#array(type.Values, item);
    if ('Properties' in type) return this.#map(type.Properties, item);
    if ('Operator' in type && type.Operator !== undefined) {
      const { Type: kind, Value: controller } = type.Operator;
      return this.#type(type.Type as PropertyType, item) && controlled(kind, controller, item);
    }
    if ('Value' in type) {
      if (type.Type === 'group') return this.rule(type.Value as string, item);
      if (type.Type === 'literal') return item === constant(type);
      if (type.Type === 'range') return inRange(type.Value as Range, item);
    }
    throw new Error(`this type of CDDL is not handled: ${JSON.stringify(type)}`);
  }

  #map(members: Members, item: Item): boolean {
    if (!(item instanceof Map)) return false;
    try {
      return this.#group(members, item)?.size === 0;
    } catch (error) {
      if (error instanceof Cut) return false;
      throw error;
    }
  }

  /** What a group leaves of a map's entries, or undefined where it does not match. */
  #group(members: Members, entries: Entries): Entries | undefined {
    let left: Entries | undefined = entries;
    for (const member of members) {
      left = Array.isArray(member) ? this.#groupChoice(member, left) : this.#member(member, left);
      if (left === undefined) return undefined;
    }
    return left;
  }

  #groupChoice(groups: readonly Property[], entries: Entries): Entries | undefined {
    for (const group of groups) {
      const left = this.#member(group, entries);
      if (left !== undefined) return left;
    }
    return undefined;
  }

  #member(member: Property, entries: Entries): Entries | undefined {
    if (member.Name === '') return this.#group(this.#included(member), entries);
    const { n: least, m: most } = member.Occurrence;
    const left = new Map(entries);
    let found = 0;
    for (const [key, value] of entries) {
      if (found === most || !this.rule(member.Name, key)) continue;
      if (this.#choice(member.Type, value)) {
        left.delete(key);
        found += 1;
      } else if (member.HasCut) throw new Cut();
    }
    return found < least ? undefined : left;
  }

  /** The members of a group that is part of another, in parentheses or by its name. */
  #included({ Type }: Property): Members {
    const [type] = alternatives(Type);
    if (typeof type === 'object' && 'Properties' in type) return type.Properties;
    const name = (type as { Value?: unknown }).Value;
    const rule = typeof name === 'string' ? ruleOf(this.#grammar, name) : undefined;
    if (rule === undefined || !('Properties' in rule)) throw new Error(`${String(name)} is not a group`);
    return rule.Properties;
  }

  /** An array's members match its items in order, each as many as it can. */
  #array(members: Members, item: Item): boolean {
    if (!Array.isArray(item)) return false;
    const items: readonly Item[] = item;
    let at = 0;
    for (const member of members) {
      if (Array.isArray(member)) throw new Error('a choice of groups in an array is not handled');
      const { n: least, m: most } = member.Occurrence;
      const start = at;
      while (at < items.length && at - start < most && this.#choice(member.Type, items[at] as Item)) at += 1;
      if (at - start < least) return false;
    }
    return at === items.length;
  }
}

function prelude(name: string, item: Item): boolean {
  const type = PRELUDE[name];
  if (type === undefined) throw new Error(`the type ${name} of the prelude is not handled`);
  return type(item);
}

/** What a literal of CDDL stands for: `true`, `false`, or a number. */
function constant(type: unknown): boolean | bigint | number {
  const { Value: value } = type as { Value: unknown };
  return typeof value === 'boolean' ? value : literal(type);
}

/** A number of CDDL as an item: a float where it is written as one. */
function literal(type: unknown): bigint | number {
  const { Value: value, IsFloat: isFloat = false } = type as { Value: unknown; IsFloat?: boolean };
  if (typeof value !== 'number') throw new Error(`this literal of CDDL is not handled: ${String(value)}`);
  return isFloat ? value : BigInt(value);
}

function inRange({ Min, Max, Inclusive }: Range, item: Item): boolean {
  const min = literal(Min);
  const max = literal(Max);
  if (typeof item !== typeof min || typeof item !== typeof max) return false;
  const number = item as bigint | number;
  return number >= min && (number < max || (Inclusive && number === max));
}

function controlled(operator: string, controller: PropertyType, item: Item): boolean {
  switch (operator) {
    case 'size':
      return hasSize(controller, item);
    case 'regexp':
      return new RegExp(`^(?:${(controller as { Value: string }).Value})$`, 'u').test(item as string);
    default:
      throw new Error(`the control operator .${operator} is not handled`);
  }
}

/** `.size` (RFC 8610 §3.8.1): bytes of a string, or of what an unsigned integer needs at most. */
function hasSize(controller: PropertyType, item: Item): boolean {
  const type = controller as { Type: string; Value: unknown };
  if (typeof item === 'bigint') return item < 256n ** BigInt(literal(type));
  const size = BigInt(typeof item === 'string' ? Buffer.byteLength(item) : (item as Uint8Array).length);
  return type.Type === 'range' ? inRange(type.Value as Range, size) : size === literal(type);
}
