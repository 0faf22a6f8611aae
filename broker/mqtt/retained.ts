import { Message } from './message.ts';
import { ownCopy } from './session/session.ts';

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

  /** Every message whose topic matches. */
  match(filter: string): Iterable<Message> {
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

function* walk(node: Node, filter: readonly string[], depth: number): Iterable<Message> {
  const level = filter[depth];
  if (level === undefined) {
    if (node.message) yield node.message;
  } else if (level === '#') {
    // It includes the parent level [4.7.1.2], which at the beginning has no name.
    for (const child of depth > 0 ? [node] : beginnings(node)) yield* everything(child);
  } else if (level === '+') {
    for (const child of depth > 0 ? node.children.values() : beginnings(node)) {
      yield* walk(child, filter, depth + 1);
    }
  } else {
    const child = node.children.get(level);
    if (child) yield* walk(child, filter, depth + 1);
  }
}

/** A wildcard at the beginning does not match what a server keeps for itself [MQTT-4.7.2-1]. */
const beginnings = ({ children }: Node): Node[] =>
  [...children].filter(([name]) => !name.startsWith('$')).map(([, child]) => child);

function* everything(node: Node): Iterable<Message> {
  if (node.message) yield node.message;
  for (const child of node.children.values()) yield* everything(child);
}

const ofItsOwn = ({ topic, payload, qos, retain }: Message): Message =>
  new Message({ topic, payload: ownCopy(payload), qos, retain });
