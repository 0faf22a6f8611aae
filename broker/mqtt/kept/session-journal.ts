import type {
  KeptDeliveryRecord,
  KeptFilterRecord,
  KeptIdRecord,
  KeptSessionRecord,
} from '../../store/kept-sessions.ts';
import type { Queued, QueueJournal } from '../session/outgoing-queue.ts';
import type { ReceivedJournal } from '../session/received-ids.ts';
import { Changes } from './changes.ts';

/** What may change of a session while it is the same one. */
export type SessionDetails = Omit<KeptSessionRecord, 'number' | 'clientId'>;

/** What the journal of one session needs of that of all of them. */
export interface JournalPorts {
  /** There is something to write of it. */
  changed(session: SessionJournal): void;
  ended(session: SessionJournal): void;
  /** Rises from one call to the next. */
  next(): number;
}

interface Delivery {
  readonly message: Queued;
  readonly packetId: number | null;
}

/** What has happened to one session since it was last written. */
export class SessionJournal implements QueueJournal, ReceivedJournal {
  readonly #ports: JournalPorts;
  #record: KeptSessionRecord;
  #isChanged: boolean;
  #isWritten: boolean;
  #isOver = false;
  readonly #filters = new Changes<string, KeptFilterRecord>();
  readonly #deliveries = new Changes<number, Delivery>();
  readonly #received = new Changes<number, KeptIdRecord>();
  readonly #released = new Changes<number, KeptIdRecord>();

  /** @param isWritten whether the store has it */
  constructor(record: KeptSessionRecord, isWritten: boolean, ports: JournalPorts) {
    this.#record = record;
    this.#isWritten = isWritten;
    this.#isChanged = !isWritten;
    this.#ports = ports;
    if (!isWritten) ports.changed(this);
  }

  get number(): number {
    return this.#record.number;
  }

  /** Whether the store may have something of it. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  change(details: Partial<SessionDetails>): void {
    this.#record = { ...this.#record, ...details };
    this.#isChanged = true;
    this.#changed();
  }

  subscribed(filter: string, qos: number): void {
    this.#filters.add(filter, { session: this.number, filter, qos });
    this.#changed();
  }

  unsubscribed(filter: string): void {
    this.#filters.remove(filter);
    this.#changed();
  }

  queued(message: Queued): void {
    this.#deliveries.add(message.number, { message, packetId: null });
    this.#changed();
  }

  /** Whether the store has nothing of a message that was queued, so that a crash would take back that it ever was. */
  isUnwritten({ number }: Pick<Queued, 'number'>): boolean {
    return this.#deliveries.isNew(number);
  }

  sent(message: Queued, packetId: number): void {
    this.#deliveries.change(message.number, { message, packetId });
    this.#changed();
  }

  settled({ number }: Pick<Queued, 'number'>): void {
    this.#deliveries.remove(number);
    this.#changed();
  }

  received(packetId: number): void {
    this.#received.add(packetId, this.#idRecord('received', packetId));
    this.#changed();
  }

  forgotten(packetId: number): void {
    this.#received.remove(packetId);
    this.#changed();
  }

  released(packetId: number): void {
    this.#released.add(packetId, this.#idRecord('released', packetId));
    this.#changed();
  }

  completed(packetId: number): void {
    this.#released.remove(packetId);
    this.#changed();
  }

  /** It is kept no longer, whatever else happens to it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.ended(this);
  }

  /** All there is to write of it. */
  take() {
    const session = this.number;
    const filters = this.#filters.take();
    const deliveries = this.#deliveries.take();
    const received = this.#received.take();
    const released = this.#released.take();
    const sessions = this.#isChanged ? [this.#record] : [];
    this.#isChanged = false;
    this.#isWritten = true;
    return {
      sessions,
      filters: filters.rows,
      filtersGone: filters.gone.map((filter) => ({ session, filter })),
      /** Of these messages nothing was written for this session. */
      messages: deliveries.added.map(({ message }) => message),
      deliveries: deliveries.rows.map((delivery) => deliveryRecord(session, delivery)),
      deliveriesGone: deliveries.gone.map((message) => ({ message, session })),
      ids: [...received.rows, ...released.rows],
      idsGone: [
        ...received.gone.map((packetId) => ({ session, kind: 'received' as const, packetId })),
        ...released.gone.map((packetId) => ({ session, kind: 'released' as const, packetId })),
      ],
    };
  }

  #idRecord(kind: KeptIdRecord['kind'], packetId: number): KeptIdRecord {
    return { session: this.number, kind, packetId, place: this.#ports.next() };
  }

  #changed(): void {
    if (!this.#isOver) this.#ports.changed(this);
  }
}

const deliveryRecord = (session: number, { message, packetId }: Delivery): KeptDeliveryRecord => ({
  message: message.number,
  session,
  qos: message.qos,
  retain: message.retain ? 1 : 0,
  packetId,
});
