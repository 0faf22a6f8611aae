import type { AccessPage } from '../../app/route.ts';

const pages: Record<AccessPage, string> = {
  people: 'People',
  services: 'Services',
  claims: 'Claims',
  audit: 'Audit',
};

/** English, for what the pages of who may do what share. */
export const access = {
  label: 'Access',
  pages,
  denied: {
    title: 'Your role does not allow this',
    detail: 'This page is for administrators. One of them can change your role.',
  },
};
