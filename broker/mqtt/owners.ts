import { principalName, type Service } from '../auth/principal.ts';
import { mayReceive, maySubscribe } from '../permission/topics.ts';
import type { Owner, Rights } from './session/kept-session.ts';

/** Whose the sessions of a service are. */
export const ownerOf = (service: Service): Owner => ({
  name: principalName(service),
  createdAt: service.createdAt,
});

/** What its sessions are held to. */
export const rightsOf = (service: Service): Rights => ({
  maySubscribe: (filter) => maySubscribe(service, filter),
  mayReceive: (topic) => mayReceive(service, topic),
});
