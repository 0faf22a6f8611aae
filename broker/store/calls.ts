import type { Store } from './store.ts';

/** What can be asked of a store but to close it. */
export type Operations = Omit<Store, 'close'>;
export type Operation = keyof Operations;
export type Asked<K extends Operation> = Parameters<Operations[K]>;
export type Answer<K extends Operation> = Awaited<ReturnType<Operations[K]>>;

const WRITES: ReadonlySet<Operation> = new Set([
  'createDevices',
  'labelDevice',
  'removeDevice',
  'saveGroup',
  'removeGroup',
  'saveTwins',
  'saveProgress',
  'saveSchedule',
  'removeSchedule',
  'saveRuns',
  'saveHappenings',
  'saveAudit',
  'prune',
  'changeCredential',
  'createService',
  'changeService',
  'removeService',
  'createClaim',
  'removeClaim',
  'useClaim',
  'createPerson',
  'changePerson',
  'removePerson',
  'saveSignInCode',
  'useSignInCode',
  'changePassword',
  'createSession',
  'renewSession',
  'removeSession',
  'removeSessionsOf',
  'saveKept',
  'removeKept',
] satisfies Operation[]);

/** Whether an operation changes the store, and so is a transaction of its own. */
export const isWrite = (operation: Operation): boolean => WRITES.has(operation);

/** A store whose operations all go one way, given by their names. */
export abstract class CalledStore implements Store {
  protected abstract call<K extends Operation>(operation: K, ...args: Asked<K>): Promise<Answer<K>>;
  abstract close(): Promise<void>;

  devices = () => this.call('devices');
  device = (...args: Asked<'device'>) => this.call('device', ...args);
  createDevices = (...args: Asked<'createDevices'>) => this.call('createDevices', ...args);
  labelDevice = (...args: Asked<'labelDevice'>) => this.call('labelDevice', ...args);
  removeDevice = (...args: Asked<'removeDevice'>) => this.call('removeDevice', ...args);
  groups = () => this.call('groups');
  saveGroup = (...args: Asked<'saveGroup'>) => this.call('saveGroup', ...args);
  removeGroup = (...args: Asked<'removeGroup'>) => this.call('removeGroup', ...args);

  twins = () => this.call('twins');
  saveTwins = (...args: Asked<'saveTwins'>) => this.call('saveTwins', ...args);

  commandsNotIn = (...args: Asked<'commandsNotIn'>) => this.call('commandsNotIn', ...args);
  wishesIn = (...args: Asked<'wishesIn'>) => this.call('wishesIn', ...args);
  command = (...args: Asked<'command'>) => this.call('command', ...args);
  commands = (...args: Asked<'commands'>) => this.call('commands', ...args);
  batchCommands = (...args: Asked<'batchCommands'>) => this.call('batchCommands', ...args);
  saveProgress = (...args: Asked<'saveProgress'>) => this.call('saveProgress', ...args);
  batch = (...args: Asked<'batch'>) => this.call('batch', ...args);
  batches = (...args: Asked<'batches'>) => this.call('batches', ...args);
  batchesInShort = (...args: Asked<'batchesInShort'>) => this.call('batchesInShort', ...args);
  tally = (...args: Asked<'tally'>) => this.call('tally', ...args);

  schedules = () => this.call('schedules');
  saveSchedule = (...args: Asked<'saveSchedule'>) => this.call('saveSchedule', ...args);
  removeSchedule = (...args: Asked<'removeSchedule'>) => this.call('removeSchedule', ...args);
  saveRuns = (...args: Asked<'saveRuns'>) => this.call('saveRuns', ...args);
  runs = (...args: Asked<'runs'>) => this.call('runs', ...args);

  saveHappenings = (...args: Asked<'saveHappenings'>) => this.call('saveHappenings', ...args);
  happenings = (...args: Asked<'happenings'>) => this.call('happenings', ...args);
  saveAudit = (...args: Asked<'saveAudit'>) => this.call('saveAudit', ...args);
  audit = (...args: Asked<'audit'>) => this.call('audit', ...args);
  auditPage = (...args: Asked<'auditPage'>) => this.call('auditPage', ...args);
  prune = (...args: Asked<'prune'>) => this.call('prune', ...args);

  credential = (...args: Asked<'credential'>) => this.call('credential', ...args);
  standings = (...args: Asked<'standings'>) => this.call('standings', ...args);
  changeCredential = (...args: Asked<'changeCredential'>) => this.call('changeCredential', ...args);
  services = () => this.call('services');
  service = (...args: Asked<'service'>) => this.call('service', ...args);
  createService = (...args: Asked<'createService'>) => this.call('createService', ...args);
  changeService = (...args: Asked<'changeService'>) => this.call('changeService', ...args);
  removeService = (...args: Asked<'removeService'>) => this.call('removeService', ...args);
  claims = () => this.call('claims');
  claim = (...args: Asked<'claim'>) => this.call('claim', ...args);
  createClaim = (...args: Asked<'createClaim'>) => this.call('createClaim', ...args);
  removeClaim = (...args: Asked<'removeClaim'>) => this.call('removeClaim', ...args);
  useClaim = (...args: Asked<'useClaim'>) => this.call('useClaim', ...args);

  people = () => this.call('people');
  person = (...args: Asked<'person'>) => this.call('person', ...args);
  createPerson = (...args: Asked<'createPerson'>) => this.call('createPerson', ...args);
  changePerson = (...args: Asked<'changePerson'>) => this.call('changePerson', ...args);
  removePerson = (...args: Asked<'removePerson'>) => this.call('removePerson', ...args);
  saveSignInCode = (...args: Asked<'saveSignInCode'>) => this.call('saveSignInCode', ...args);
  signInCode = (...args: Asked<'signInCode'>) => this.call('signInCode', ...args);
  useSignInCode = (...args: Asked<'useSignInCode'>) => this.call('useSignInCode', ...args);
  changePassword = (...args: Asked<'changePassword'>) => this.call('changePassword', ...args);
  sessions = () => this.call('sessions');
  sessionsOf = (...args: Asked<'sessionsOf'>) => this.call('sessionsOf', ...args);
  createSession = (...args: Asked<'createSession'>) => this.call('createSession', ...args);
  session = (...args: Asked<'session'>) => this.call('session', ...args);
  sessionById = (...args: Asked<'sessionById'>) => this.call('sessionById', ...args);
  renewSession = (...args: Asked<'renewSession'>) => this.call('renewSession', ...args);
  removeSession = (...args: Asked<'removeSession'>) => this.call('removeSession', ...args);
  removeSessionsOf = (...args: Asked<'removeSessionsOf'>) => this.call('removeSessionsOf', ...args);

  keptSessions = () => this.call('keptSessions');
  keptDeliveries = (...args: Asked<'keptDeliveries'>) => this.call('keptDeliveries', ...args);
  saveKept = (...args: Asked<'saveKept'>) => this.call('saveKept', ...args);
  removeKept = () => this.call('removeKept');

  foreignVersion = () => this.call('foreignVersion');
}
