import type { Property } from 'cddl';
import { alternatives, constantOf, ruleOf, type Grammar, type Members } from './grammar.ts';

/**
 * The numbers of the constant keys of a rule's members, in the order in which they stand: one list for each way
 * through its choices of groups.
 */
export function keyOrders(grammar: Grammar, rule: string): readonly (readonly number[])[] {
  const { Type: type, ...assignment } = ruleOf(grammar, rule);
  return type === 'group' && 'Properties' in assignment ? ordersOf(grammar, assignment.Properties) : [];
}

function ordersOf(grammar: Grammar, members: Members): number[][] {
  return members.reduce<number[][]>(
    (orders, member) => {
      const groups = Array.isArray(member) ? member : [member];
      const next = groups.flatMap((group) => ordersOfMember(grammar, group));
      return orders.flatMap((order) => next.map((keys) => [...order, ...keys]));
    },
    [[]],
  );
}

function ordersOfMember(grammar: Grammar, { Name: name, Type }: Property): number[][] {
  if (name !== '') {
    const key = constantOf(ruleOf(grammar, name));
    return [key === undefined ? [] : [key]];
  }
  return alternatives(Type).flatMap((type) => {
    if (typeof type === 'object' && 'Properties' in type) return ordersOf(grammar, type.Properties);
    return keyOrders(grammar, (type as { Value: string }).Value).map((order) => [...order]);
  });
}
