import { parse, type Assignment, type Property, type PropertyType } from 'cddl';

/** A map's members or an array's, as the parser gives them; a list among them is a choice of groups (`//`). */
export type Members = readonly (Property | Property[])[];

/** A choice of types (`/`), of which most have one alternative only. */
export type Choice = PropertyType | PropertyType[];

/** The rules of one CDDL file (RFC 8610) by their names. */
export type Grammar = ReadonlyMap<string, Assignment>;

/**
 * Reads a CDDL file. The first rule is what the file is about (RFC 8610 §2.2.4).
 * @throws Error where the file cannot be parsed, or defines a rule twice
 */
export function readGrammar(file: string): Grammar {
  const grammar = new Map<string, Assignment>();
  for (const rule of parse(file)) {
    if (grammar.has(rule.Name)) throw new Error(`${file}: the rule ${rule.Name} is defined twice`);
    grammar.set(rule.Name, rule);
  }
  return grammar;
}

/** The rule of that name. */
export function ruleOf(grammar: Grammar, name: string): Assignment {
  const rule = grammar.get(name);
  if (rule === undefined) throw new Error(`the rule ${name} is used and not defined`);
  return rule;
}

export const alternatives = (choice: Choice): readonly PropertyType[] =>
  Array.isArray(choice) ? choice : [choice];

/** The number that a rule stands for, where it is a constant. */
export function constantOf(rule: Assignment): number | undefined {
  if (rule.Type !== 'variable') return undefined;
  const [type, ...more] = alternatives(rule.PropertyType);
  if (more.length > 0 || typeof type !== 'object' || type.Type !== 'literal') return undefined;
  return (type as { Value: number }).Value;
}

/** Names of the rules that one is a choice of. */
export function choicesOf(rule: Assignment): readonly string[] {
  if (rule.Type !== 'variable') return [];
  return alternatives(rule.PropertyType).flatMap((type) =>
    typeof type === 'object' && type.Type === 'group' && 'Value' in type ? [type.Value as string] : [],
  );
}

/** Names of all rules that one rule uses, itself included, however far away. */
export function usedFrom(grammar: Grammar, name: string): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (rule: string): void => {
    if (used.has(rule)) return;
    used.add(rule);
    for (const next of usedBy(ruleOf(grammar, rule))) visit(next);
  };
  visit(name);
  return used;
}

function usedBy(type: PropertyType): readonly string[] {
  if (typeof type === 'string') return [];
  if (type.Type === 'variable') return alternatives(type.PropertyType).flatMap(usedBy);
  if ('Values' in type) return type.Values.flat().flatMap(({ Type }) => alternatives(Type).flatMap(usedBy));
  if ('Properties' in type) {
    return type.Properties.flat().flatMap(({ Name, Type }) => [
      ...(Name === '' ? [] : [Name]),
      ...alternatives(Type).flatMap(usedBy),
    ]);
  }
  if (typeof type.Type === 'object') return usedBy(type.Type);
  return type.Type === 'group' ? [(type as { Value: string }).Value] : [];
}
