import { Message } from './message.ts';

interface Node {
  readonly children: Map<string, Node>;
  message?: Message | undefined;
  /** The place of the message among all that were kept. */
  place: number;
}

const newNode = (): Node => ({ children: new Map(), place: 0 });

/** Retained messages by topic name (MQTT 3.1.1 §3.3.1.3), found by topic filter along its levels. */
export class RetainedMessages {
  readonly #root = newNode();
  #lastPlace = 0;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a message as that of its topic; one without a payload removes what was kept [MQTT-3.3.1-10]. */
  store(message: Message): void {
    if (message.payload.length > 0) this.#keep(message.topic.split('/'), ofItsOwn(message));
    else this.remove(message.topic);
  }

  /** Keeps nothing of a topic any longer. */
  remove(topic: string): void {
    this.#remove(topic.split('/'));
  }

  /**
   * Every message whose topic matches and that is kept already, and nothing for each step on which none is found: there
   * may be many.
   */
  match(filter: string): Iterable<Message | undefined> {
    return keptUpTo(this.#lastPlace, walk(this.#root, filter.split('/'), 0));
  }

  #keep(levels: readonly string[], message: Message): void {
    let node = this.#root;
    for (const level of levels) {
      let child = node.children.get(level);
      if (!child) node.children.set(level, (child = newNode()));
      node = child;
    }
    if (!node.message) this.#size += 1;
    node.message = message;
    this.#lastPlace += 1;
    node.place = this.#lastPlace;
  }

  #remove(levels: readonly string[]): void {
    const path = [this.#root];
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level);
      if (!child) return;
      path.push(child);
    }
    const last = path.at(-1) as Node;
    if (last.message) this.#size -= 1;
    last.message = undefined;
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth] as Node;
      if (node.message || node.children.size > 0) return;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
  }
}

function* keptUpTo(last: number, nodes: Iterable<Node>): Iterable<Message | undefined> {
  for (const { message, place } of nodes) yield place <= last ? message : undefined;
}

/** All nodes that match, some that have no message among them. */
function* walk(node: Node, filter: readonly string[], depth: number): Iterable<Node> {
  const level = filter[depth];
  if (level === undefined) {
    yield node;
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
  }
}

/** A wildcard at the beginning does not match what a server keeps for itself [MQTT-4.7.2-1]. */
function* beginnings({ children }: Node): Iterable<Node> {
  for (const [name, child] of children) if (!name.startsWith('$')) yield child;
}

function* everything(node: Node): Iterable<Node> {
  yield node;
  for (const child of node.children.values()) yield* everything(child);
}

const ofItsOwn = ({ topic, lasting, qos, retain }: Message): Message =>
  new Message({ topic, payload: lasting, qos, retain });
