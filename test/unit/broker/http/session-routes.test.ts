import { beforeEach, expect, test } from 'vitest';
import { NOW, PASSWORD } from '../auth/access-bench.ts';
import { AppBench } from './app-bench.ts';

let bench: AppBench;
beforeEach(async () => void (bench = await AppBench.create()));

test.each([
  ['ada', '@ada'],
  ['nobody-here', '@nobody-here'],
  ['correct horse battery staple', ''],
  ['Tr0ub4dor&3', ''],
  ['\u001b]0;x\u0007\n=cmd|x', ''],
  [PASSWORD, ''],
])('of %j, typed as the name of somebody who is refused, the audit keeps %j', async (id, subject) => {
  expect((await bench.signIn('wrong', id)).status).toBe(401);
  expect(await bench.audit('session.refuse')).toEqual([
    {
      ...{ t: NOW, who: '', address: bench.address, action: 'session.refuse', subject },
      detail: '{"by":"password"}',
    },
  ]);
});
