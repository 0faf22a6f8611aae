import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCESS_PAGES, accessPath, isAccessPage, parseRoute } from '#console/app/route.ts';
import { dayOf, spanOf } from '#console/fields/days.ts';
import { parseAgent } from '#console/format/agent.ts';
import { describeDetail } from '#console/pages/audit/detail.ts';
import { auditPath, filterOf } from '#console/pages/audit/filter.ts';
import { actionText, auditText } from '#console/text/audit-text.ts';
import { NOON } from './samples.ts';

describe('the pages of who may do what', () => {
  it('have addresses of their own', () => {
    for (const page of ACCESS_PAGES) {
      expect(parseRoute({ pathname: accessPath(page), search: '' }).page).toBe(page);
      expect(isAccessPage(page)).toBe(true);
    }
    expect(parseRoute({ pathname: '/account', search: '' })).toEqual({ page: 'account' });
    expect(isAccessPage('account')).toBe(false);
  });
});

describe('the audit', () => {
  it('is filtered by its address, which says the same again', () => {
    const search = '?who=%40kim&action=person.invite&subject=hall+lamp';
    const route = parseRoute({ pathname: '/audit', search });
    if (!('params' in route)) throw new Error('it has no parameters');
    const filter = filterOf(route.params);
    expect(filter).toEqual({ who: '@kim', action: 'person.invite', subject: 'hall lamp' });
    expect(auditPath(filter)).toBe(`/audit${search}`);
    expect(auditPath(filterOf(new URLSearchParams('who=+&action=')))).toBe('/audit');
  });

  it('has words for every action that the hub notes', () => {
    const sources = globSync('broker/{http,commands,fleet}/**/*.ts').map((file) =>
      readFileSync(file, 'utf8'),
    );
    const noted = sources.flatMap((source) =>
      [...source.matchAll(/(?:note\(c, |audit\(store, |action: )'([\w.-]+)'/g)].map(([, action]) => action),
    );
    expect(noted).toContain('person.invite');
    expect(noted).toContain('keys.rotate');
    expect(noted).toContain('withdraw');
    expect(noted.filter((action = '') => !Object.hasOwn(auditText.actions, action))).toEqual([]);
  });

  it('shows an action that it has no words for as it is', () => {
    expect(actionText('person.invite')).toBe('Invited');
    expect(actionText('teleport')).toBe('teleport');
    expect(actionText('constructor')).toBe('constructor');
  });

  it.each([
    [undefined, ''],
    [{ role: 'viewer', name: 'Kim' }, 'role: viewer · name: Kim'],
    [{ set: { power: true, name: 'a, b' }, ended: 2 }, 'set: power = true, name = "a, b" · ended: 2'],
    [
      { id: '01', run: { action: 'blink', args: [3, 'x'] } },
      'id: 01 · run: action = "blink", args = [3, "x"]',
    ],
    [
      { when: { cron: '0 22 * * *', zone: 'UTC' }, batch: { selection: { ids: 2 }, set: { on: false } } },
      'when: cron = "0 22 * * *", zone = "UTC" · batch: selection = (ids = 2), set = (on = false)',
    ],
    [{ when: { at: 1924959600000 } }, 'when: 2030-12-31T15:00:00.000Z'],
    [{ when: { at: Number.MAX_SAFE_INTEGER } }, 'when: at = 9007199254740991'],
    [{ role: null, addresses: ['::1', '::2'] }, 'role: null · addresses: ["::1", "::2"]'],
    [['a', 1], '["a", 1]'],
    ['plain', 'plain'],
  ])('tells the detail %j as "%s"', (detail, words) => expect(describeDetail(detail)).toBe(words));
});

describe('a span of days', () => {
  it('is whole at both ends, where whoever looks is', () => {
    const day = dayOf(NOON);
    const span = spanOf(day, day);
    expect(span && dayOf(span.from)).toBe(day);
    expect(span && new Date(span.from).getHours()).toBe(0);
    expect(span && dayOf(span.to - 1)).toBe(day);
    expect(span && dayOf(span.to)).not.toBe(day);
  });

  it.each([
    ['2027-03-02', '2027-03-01'],
    ['', '2027-03-01'],
    ['2027-03-01', 'x'],
  ])('is none from %j to %j', (first, last) => expect(spanOf(first, last)).toBeUndefined());
});

describe('a browser', () => {
  const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
  const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

  it.each([
    [`${WINDOWS} ${CHROME}`, 'Chrome', 'Windows'],
    [`${WINDOWS} ${CHROME} Edg/156.0.0.0`, 'Edge', 'Windows'],
    [`Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0`, 'Firefox', 'Linux'],
    [`Mozilla/5.0 (Linux; Android 15; K) ${CHROME}`, 'Chrome', 'Android'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iPhone',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari',
      'macOS',
    ],
    ['Firefox/150.0', 'Firefox', undefined],
  ])('%s is told by its name', (agent, browser, system) =>
    expect(parseAgent(agent)).toEqual({ browser, system }),
  );

  it.each(['', 'curl/8.5.0', 'command line'])('is not what says of itself %j', (agent) =>
    expect(parseAgent(agent)).toBeUndefined(),
  );
});
