import { beforeEach, describe, expect, test } from 'vitest';
import { commandLine } from '#broker/commands/line/command-line.ts';
import { Lines } from './lines.ts';

describe('what cannot be done ends with 1 and one line, and changes nothing', () => {
  let lines: Lines;
  beforeEach(async () => void (lines = await Lines.withLamp()));

  test.each([
    [['sign-in-link', '--person', 'nobody'], /there is nobody called nobody/],
    [['token', '--person', 'nobody'], /there is nobody called nobody/],
    [['user', 'invite', 'Ada', '--role', 'viewer'], /id: must be 1 to 32 of a–z/],
    [['user', 'invite', 'hub', '--role', 'viewer'], /@hub is the hub itself: choose another id/],
    [['user', 'invite', 'owner', '--role', 'viewer'], /@owner is there already/],
    [['user', 'change', 'owner', '--role', 'viewer'], /@owner is the last administrator/],
    [['user', 'change', 'nobody', '--role', 'viewer'], /there is nobody called nobody/],
    [['user', 'remove', 'owner'], /@owner is the last administrator/],
    [['user', 'sessions', 'nobody'], /there is nobody called nobody/],
    [['user', 'sign-out', 'nobody'], /there is nobody called nobody/],
    [['user', 'sign-out', 'owner', '--session', 'x'], /there is no such session: it may have ended/],
    [['device', 'create', 'lamp'], /there is a device lamp already/],
    [['device', 'create', 'Lamp'], /device "Lamp": id must be/],
    [['device', 'create', 'a', 'b', '--name', 'x'], /--name is for a single device/],
    [['device', 'create', 'a', 'b', '--public-key', 'x'], /--public-key is for a single device/],
    [['device', 'show', 'nothing'], /there is no device nothing/],
    [['device', 'rotate', 'nothing'], /there is no device nothing/],
    [['device', 'disable', 'nothing'], /there is no device nothing/],
    [['device', 'enable', 'nothing'], /there is no device nothing/],
    [['device', 'revoke', 'nothing'], /there is no device nothing/],
    [['device', 'remove', 'nothing'], /there is no device nothing/],
    [['device', 'rotate', 'lamp', '--public-key', 'none.pem'], /cannot read none\.pem \(ENOENT\)/],
    [['device', 'rotate', 'lamp', '--public-key', 'package.json'], /publicKey: /],
    [['service', 'create', 'owner'], /@owner is there already: people and services share their ids/],
    [['service', 'create', 'x', '--publish', 'a/#/b'], /publish\[0\]: must be a topic filter/],
    [['service', 'create', 'x', '--subscribe', 'a', '$SYS/#'], /subscribe\[1\]: must be a topic filter/],
    [['service', 'change', 'nothing', '--no-role'], /there is no service nothing/],
    [['service', 'rotate', 'nothing'], /there is no service nothing/],
    [['service', 'disable', 'nothing'], /there is no service nothing/],
    [['service', 'remove', 'nothing'], /there is no service nothing/],
    [['claim', 'create', '--name', 'x', '--expires', '1d', '--uses', '0'], /uses: .*>=1/],
    [['claim', 'remove', 'nothing'], /there is no claim nothing/],
    [['audit', '--from', '1d', '--to', '2d'], /"from" must be before "to"/],
  ])('%j', async (args, pattern) => {
    const { code, out, err } = await lines.tried(...args);
    expect(err).toMatch(pattern);
    expect(err).toMatch(/^switchyard: [^\n]+\n$/);
    expect([code, out]).toEqual([1, '']);
    const audit = await lines.onStore((store) => store.audit({ limit: 9 }));
    expect(audit.map(({ action }) => action)).toEqual(['device.create']);
  });
});

describe('where there is no store, none is made', () => {
  test.each([
    [['sign-in-link']],
    [['token']],
    [['user', 'list']],
    [['user', 'invite', 'ada', '--role', 'viewer']],
    [['device', 'list']],
    [['device', 'remove', 'lamp']],
    [['service', 'create', 'x']],
    [['claim', 'list']],
    [['keys', 'rotate']],
    [['audit']],
    [['backup', 'copy']],
  ])('%j', async (args) => {
    const lines = new Lines();
    const { code, err } = await lines.tried(...args);
    expect(err).toBe(`switchyard: there is no store in ${lines.data}: name a data folder with --data\n`);
    expect([code, lines.hasStore]).toEqual([1, false]);
  });
});

describe('a line that is none ends with 2, says what is wrong, and makes no store', () => {
  test.each([
    [['devce', 'list'], /unknown command devce/],
    [['device'], /Usage: switchyard device/],
    [['device', 'lsit'], /unknown command 'lsit'/],
    [['device', 'list', '--all'], /unknown option '--all'/],
    [['device', 'create'], /missing required argument 'id'/],
    [['serve', '--log', 'loud'], /'--log <level>' argument 'loud' is invalid.*debug, info/],
    [['serve', '--port', '70000'], /It must be a port number from 0 to 65535/],
    [['sign-in-link', '--url', 'nonsense'], /It must be an address such as "https:\/\/hub\.example:8443"/],
    [['user', 'invite', 'ada'], /required option '--role <role>' not specified/],
    [['user', 'invite', 'ada', '--role', 'boss'], /Allowed choices are viewer, operator, admin/],
    [['user', 'change', 'ada'], /there is nothing to change: say what with --role, --name/],
    [['service', 'change', 'x'], /there is nothing to change: say what with .*--no-expires/],
    [['service', 'create', 'x', '--expires', 'soon'], /It must be how long such as "12h"/],
    [['service', 'create', 'x', '--expires', '2020-01-01'], /It has passed already/],
    [['claim', 'create', '--expires', '1d'], /required option '--name <name>' not specified/],
    [['claim', 'create', '--name', 'x'], /required option '--expires <when>' not specified/],
    [['claim', 'create', '--name', 'x', '--expires', '1d', '--uses', 'many'], /It must be a whole number/],
    [['audit', '--format', 'xml'], /Allowed choices are csv, ndjson/],
    [['audit', '--from', 'yesterday'], /It must be how long ago/],
  ])('%j', async (args, pattern) => {
    const lines = new Lines();
    const { code, out, err } = await lines.tried(...args);
    expect(err).toMatch(pattern);
    expect([code, out, lines.hasStore]).toEqual([2, '', false]);
  });
});

test('whoever asks for help gets it, and 0', async () => {
  const { code, out } = await new Lines().tried('service', 'change', '--help');
  expect(out).toContain('--no-publish');
  expect(code).toBe(0);
});

test('no secret is an argument, for everybody on a machine sees those', () => {
  const given = (at: ReturnType<typeof commandLine>): string[] => [
    ...at.options.map(({ long }) => long ?? ''),
    ...at.registeredArguments.map((argument) => argument.name()),
    ...at.commands.flatMap(given),
  ];
  const names = given(commandLine());
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => /password|secret|token|code/i.test(name))).toEqual([]);
});
