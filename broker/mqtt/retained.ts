import { Message } from './message.ts';

interface Node {
  readonly children: Map<string, Node>;
  message?: Message | undefined;
}

const newNode = (): Node => ({ children: new Map() });

/** Retained messages by topic name (MQTT 3.1.1 §3.3.1.3), found by topic filter along its levels. */
export class RetainedMessages {
  readonly #root = newNode();

  /** Keeps a message as that of its topic; one without a payload removes what was kept [MQTT-3.3.1-10]. */
  store(message: Message): void {
    const levels = message.topic.split('/');
    if (message.payload.length > 0) this.#keep(levels, ofItsOwn(message));
    else this.#remove(levels);
  }

  /** Every message whose topic matches, and nothing for each step on which none is found: there may be many. */
  match(filter: string): Iterable<Message | undefined> {
    return walk(this.#root, filter.split('/'), 0);
  }

  #keep(levels: readonly string[], message: Message): void {
    let node = this.#root;
    for (const level of levels) {
      let child = node.children.get(level);
      if (!child) node.children.set(level, (child = newNode()));
      node = child;
    }
    node.message = message;
  }

  #remove(levels: readonly string[]): void {
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level);
      if (!child) return;
      path.push(child);
    }
    (path.at(-1) as Node).message = undefined;
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth] as Node;
      if (node.message || node.children.size > 0) return;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
  }
}

function* walk(node: Node, filter: readonly string[], depth: number): Iterable<Message | undefined> {
  const level = filter[depth];
  if (level === undefined) {
    yield node.message;
  } else if (level === '#') {
    // It includes the parent level [4.7.1.2], which at the beginning has no name.
    if (depth > 0) yield* everything(node);
    else for (const child of beginnings(node)) yield* everything(child);
  } else if (level === '+') {
    const children = depth > 0 ? node.children.values() : beginnings(node);
    for (const child of children) yield* walk(child, filter, depth + 1);
  } else {
    const child = node.children.get(level);
    if (child) yield* walk(child, filter, depth + 1);
    else yield undefined;
  }
}

/** A wildcard at the beginning does not match what a server keeps for itself [MQTT-4.7.2-1]. */
function* beginnings({ children }: Node): Iterable<Node> {
  for (const [name, child] of children) if (!name.startsWith('$')) yield child;
}

function* everything(node: Node): Iterable<Message | undefined> {
  yield node.message;
  for (const child of node.children.values()) yield* everything(child);
}

const ofItsOwn = ({ topic, lasting, qos, retain }: Message): Message =>
  new Message({ topic, payload: lasting, qos, retain });
