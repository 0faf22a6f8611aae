import { describe, expect, it } from 'vitest';
import { parseCredentials, readCredentials } from '#device-sim/credentials.ts';
import { UserError } from '#device-sim/user-error.ts';

const PATH = '/etc/devices.json';
const lamp = { id: 'hall-lamp', secret: 'hunter2', kind: 'lamp' };

function complaint(content: unknown): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  try {
    parseCredentials(text, PATH);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    return (error as UserError).message;
  }
  throw new Error('these credentials were accepted');
}

describe('credentials', () => {
  it('name devices, with or without a kind', () => {
    const content = { tenant: 'home', devices: [lamp, { id: 'b', secret: 's' }] };
    expect(parseCredentials(JSON.stringify(content), PATH)).toEqual(content);
  });

  it('may carry fields that the simulator does not know', () => {
    const content = { tenant: 'home', devices: [{ ...lamp, name: 'Hall' }], made: 'today' };
    expect(parseCredentials(JSON.stringify(content), PATH).devices).toHaveLength(1);
  });

  it.each([
    ['no object', 7, 'expected object'],
    ['a bad tenant', { tenant: 'My Home', devices: [lamp] }, 'tenant must be 1 to 32'],
    ['no devices', { tenant: 'home', devices: [] }, 'devices must list at least one device'],
    ['devices that are no list', { tenant: 'home', devices: lamp }, 'devices must be a list'],
    ['a bad id', { tenant: 'home', devices: [lamp, { ...lamp, id: 'B' }] }, 'devices[1].id must be 1 to 32'],
    ['no secret', { tenant: 'home', devices: [{ id: 'a' }] }, 'devices[0].secret must be text'],
    ['an empty secret', { tenant: 'home', devices: [{ id: 'a', secret: '' }] }, 'secret must not be empty'],
    [
      'an unknown kind',
      { tenant: 'home', devices: [{ ...lamp, kind: 'toaster' }] },
      'must be one of lamp, plug',
    ],
    ['an id twice', { tenant: 'home', devices: [lamp, lamp] }, 'devices[1].id "hall-lamp" is there twice'],
  ])('with %s are refused in one line that says where and what', (_what, content, expected) => {
    const message = complaint(content);
    expect(message).toContain(`Credentials ${PATH}: `);
    expect(message).toContain(expected);
    expect(message).not.toContain('\n');
  });

  it('that are no JSON are refused without quoting a secret', () => {
    const message = complaint('{ "tenant": "home", "devices": [ { "secret": "hunter2", }');
    expect(message).toContain(`Credentials ${PATH}: not valid JSON`);
    expect(message).not.toContain('hunter2');
  });

  it('that are not there are refused by path', async () => {
    await expect(readCredentials('/nowhere/devices.json')).rejects.toThrow(
      'Credentials /nowhere/devices.json: there is no such file',
    );
  });
});
