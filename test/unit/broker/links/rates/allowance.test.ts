import { describe, expect, test } from 'vitest';
import { Allowances, type Allowance } from '#broker/links/rates/allowance.ts';
import { RATES, type RateLimits } from '#broker/links/rates/meter.ts';

/** No rate to speak of, but those that are named. */
const limits = (named: Partial<RateLimits>): RateLimits => ({
  linkPacketRate: 1e9,
  linkByteRate: 1e12,
  addressPacketRate: 1e9,
  addressByteRate: 1e12,
  accountPacketRate: 1e9,
  accountByteRate: 1e12,
  hubPacketRate: 1e9,
  hubByteRate: 1e12,
  ...named,
});

/** A link of an account, from an address. */
function linkOf(allowances: Allowances, address: string, account?: string): Allowance {
  const allowance = allowances.open(address);
  if (account !== undefined) allowance.bill(account);
  return allowance;
}

describe('a link', () => {
  test.each(RATES)('is held for what is beyond %s, and is told so', (name) => {
    const link = linkOf(new Allowances(limits({ [name]: 100 })), '192.0.2.1', 'lamp');
    const spend = (much: number) =>
      name.endsWith('ByteRate') ? link.spend(0, much, 0) : link.spend(much, 0, 0);
    expect(spend(100)).toBeUndefined();
    expect(spend(2)).toEqual({ ms: 20, rate: name });
  });

  test('is held for as long as the rate asks that asks for most', () => {
    const link = linkOf(
      new Allowances(limits({ linkPacketRate: 100, addressPacketRate: 50, hubByteRate: 1_000 })),
      'a',
      'lamp',
    );
    expect(link.spend(110, 1_100, 0)).toEqual({ ms: 1_200, rate: 'addressPacketRate' });
  });

  test.each(['account', 'address', 'hub'] as const)(
    'counts for no %s before it is known whose it is',
    (scope) => {
      const link = linkOf(new Allowances(limits({ [`${scope}PacketRate`]: 10 })), 'a');
      expect(link.spend(1_000, 0, 0)).toBeUndefined();
      link.bill('lamp');
      expect(link.spend(10, 0, 0)).toBeUndefined();
      expect(link.spend(1, 0, 0)).toEqual({ ms: 100, rate: `${scope}PacketRate` });
    },
  );

  test('has what it sends counted so many at a time that no rate is far behind', () => {
    const link = linkOf(new Allowances(limits({ linkPacketRate: 100, linkByteRate: 100_000 })), 'a');
    link.spend(100, 0, 0);
    expect(link.spend(1, 0, 0)).toBeUndefined();
    expect(link.spend(1, 0, 0)).toEqual({ ms: 20, rate: 'linkPacketRate' });
    // Whoever is behind already has each packet counted.
    expect(link.spend(1, 0, 10)).toEqual({ ms: 20, rate: 'linkPacketRate' });
    const long = linkOf(new Allowances(limits({ linkByteRate: 100_000 })), 'a');
    long.spend(0, 100_000, 0);
    expect(long.spend(1, 1_999, 0)).toBeUndefined();
    expect(long.spend(1, 1, 0)).toEqual({ ms: 20, rate: 'linkByteRate' });
  });

  test('counts for the account that it was first found to be of', () => {
    const allowances = new Allowances(limits({}));
    const link = linkOf(allowances, 'a', 'lamp');
    link.bill('lamp');
    expect(allowances.shared.accounts).toBe(1);
    link.close(0);
    expect(allowances.shared.accounts).toBe(0);
  });
});

describe('what links share', () => {
  const used = (link: Allowance) => link.spend(100, 0, 0);
  const isHeld = (link: Allowance) => link.spend(2, 0, 0) !== undefined;

  test('is used up by one for all of the same address', () => {
    const allowances = new Allowances(limits({ addressPacketRate: 100 }));
    used(linkOf(allowances, '192.0.2.1', 'lamp'));
    expect(isHeld(linkOf(allowances, '192.0.2.1', 'fan'))).toBe(true);
    expect(isHeld(linkOf(allowances, '192.0.2.2', 'lamp'))).toBe(false);
  });

  test('is used up by one for all of the same account', () => {
    const allowances = new Allowances(limits({ accountPacketRate: 100 }));
    used(linkOf(allowances, '192.0.2.1', '@node-red'));
    expect(isHeld(linkOf(allowances, '192.0.2.2', '@node-red'))).toBe(true);
    expect(isHeld(linkOf(allowances, '192.0.2.1', '@bridge'))).toBe(false);
  });

  test('is used up by one for all of the hub', () => {
    const allowances = new Allowances(limits({ hubPacketRate: 100 }));
    used(linkOf(allowances, '192.0.2.1', 'lamp'));
    expect(isHeld(linkOf(allowances, '192.0.2.2', 'fan'))).toBe(true);
  });

  test('is used up as well by what was not counted yet when its link went', () => {
    const allowances = new Allowances(limits({ accountPacketRate: 100 }));
    const stays = linkOf(allowances, 'a', 'lamp');
    for (let link = 0; link < 100; link += 1) {
      const goes = linkOf(allowances, 'a', 'lamp');
      goes.spend(1, 0, 0);
      goes.close(0);
    }
    expect(isHeld(stays)).toBe(true);
  });

  test('is nobody’s own: a link uses up nothing of another’s', () => {
    const allowances = new Allowances(limits({ linkPacketRate: 100 }));
    used(linkOf(allowances, '192.0.2.1', 'lamp'));
    expect(isHeld(linkOf(allowances, '192.0.2.1', 'lamp'))).toBe(false);
  });

  test('is not used up by one that sends more than it may itself', () => {
    const allowances = new Allowances(limits({ linkPacketRate: 10, addressPacketRate: 100 }));
    linkOf(allowances, '192.0.2.1', 'lamp').spend(1_000_000, 0, 0);
    expect(isHeld(linkOf(allowances, '192.0.2.1', 'fan'))).toBe(false);
  });

  test('is not used up for the hub by one address that sends more than an address may', () => {
    const allowances = new Allowances(limits({ addressPacketRate: 10, hubPacketRate: 1_000 }));
    for (let link = 0; link < 100; link += 1)
      linkOf(allowances, '192.0.2.1', `lamp-${link}`).spend(1_000, 0, 0);
    expect(isHeld(linkOf(allowances, '192.0.2.2', 'fan'))).toBe(false);
  });

  test('is remembered as long as one of them is there, and then forgotten', () => {
    const allowances = new Allowances(limits({ addressPacketRate: 100, accountPacketRate: 100 }));
    const [first, second] = [linkOf(allowances, 'a', 'lamp'), linkOf(allowances, 'a', 'lamp')];
    used(first);
    first.close(0);
    expect(allowances.shared).toEqual({ addresses: 1, accounts: 1 });
    expect(isHeld(second)).toBe(true);
    second.close(0);
    expect(allowances.shared).toEqual({ addresses: 0, accounts: 0 });
    expect(isHeld(linkOf(allowances, 'a', 'lamp'))).toBe(false);
  });
});
