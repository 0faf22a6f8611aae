interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly values: Set<T>;
}

const newNode = <T>(): Node<T> => ({ children: new Map(), values: new Set() });

/** Values by MQTT topic filter (MQTT 3.1.1 §4.7), found by topic name. */
export class TopicTrie<T> {
  readonly #root = newNode<T>();

  add(filter: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (!child) node.children.set(level, (child = newNode()));
      node = child;
    }
    node.values.add(value);
  }

  remove(filter: string, value: T): void {
    const levels = filter.split('/');
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level);
      if (!child) return;
      path.push(child);
    }
    path.at(-1)?.values.delete(value);
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth] as Node<T>;
      if (node.values.size > 0 || node.children.size > 0) return;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
  }

  /** Calls `visit` with every value whose filter matches, once for each such filter. */
  match(topic: string, visit: (value: T) => void): void {
    const levels = topic.split('/');
    // A wildcard at the beginning does not match what a server keeps for itself [MQTT-4.7.2-1].
    const firstWildcard = topic.startsWith('$') ? 1 : 0;

    function walk(node: Node<T>, depth: number): void {
      // "#" includes the parent level [4.7.1.2].
      if (depth >= firstWildcard) node.children.get('#')?.values.forEach(visit);
      if (depth === levels.length) {
        node.values.forEach(visit);
        return;
      }
      const exact = node.children.get(levels[depth] as string);
      if (exact) walk(exact, depth + 1);
      const any = depth >= firstWildcard ? node.children.get('+') : undefined;
      if (any) walk(any, depth + 1);
    }

    walk(this.#root, 0);
  }
}
