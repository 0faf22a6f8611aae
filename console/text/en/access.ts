import type { Role } from '#broker/contract/session.ts';
import type { AccessPage } from '../../app/route.ts';

const pages: Record<AccessPage, string> = {
  people: 'People',
  services: 'Services',
  claims: 'Claims',
  audit: 'Audit',
};

/** What each role may do. */
const roles: Record<Role, string> = {
  viewer: 'Sees everything about devices, and changes nothing.',
  operator: 'Switches devices, and keeps groups, batches and schedules.',
  admin: 'Does what operators do, adds and removes devices, people and services, and reads the audit.',
};

/** English, for what the pages of who may do what share. */
export const access = {
  label: 'Access',
  pages,
  roles,
  denied: {
    title: 'Your role does not allow this',
    detail: 'This page is for administrators. One of them can change your role.',
  },
};
