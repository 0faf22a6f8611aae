import { describe, expect, test } from 'vitest';
import {
  DOWN,
  downFilter,
  downTopic,
  FEED_CHANNELS,
  feedTopic,
  parseTopic,
  REQUEST,
  requestTopic,
  UP,
  upTopic,
} from '#firmware-protocol';

const LONGEST = 'a'.repeat(32);

describe('topics that are built can be read', () => {
  test.each(UP)('up/%s', (channel) => {
    const read = { tenant: 'home', device: 'lamp-1', direction: 'up', channel };
    expect(parseTopic(upTopic('home', 'lamp-1', channel))).toEqual(read);
  });
  test.each(DOWN)('dn/%s', (channel) => {
    const read = { tenant: 'home', device: 'lamp-1', direction: 'dn', channel };
    expect(parseTopic(downTopic('home', 'lamp-1', channel))).toEqual(read);
  });
  test.each(REQUEST)('rq/%s', (channel) => {
    const read = { tenant: 'home', device: 'lamp-1', direction: 'rq', channel };
    expect(parseTopic(requestTopic('home', 'lamp-1', channel))).toEqual(read);
  });
  test.each(FEED_CHANNELS)('@hub/ev/%s', (channel) => {
    const read = { tenant: 'home', device: '@hub', direction: 'ev', channel };
    expect(parseTopic(feedTopic('home', channel))).toEqual(read);
  });
});

test.each([`iot/1/${LONGEST}/${LONGEST}/up/tele`, 'iot/1/0/9/up/tele', 'iot/1/a_b-c/d__--/up/tele'])(
  'ids may be %s',
  (topic) => expect(parseTopic(topic)).toBeDefined(),
);

describe('no topic of the protocol', () => {
  test.each([
    ['nothing', ''],
    ['slashes alone', '/////'],
    ['a level too few', 'iot/1/home/lamp-1/up'],
    ['a level too many', 'iot/1/home/lamp-1/up/tele/x'],
    ['a slash at the end', 'iot/1/home/lamp-1/up/tele/'],
    ['a slash at the start', '/iot/1/home/lamp-1/up/tele'],
    ['an empty level', 'iot/1//lamp-1/up/tele'],
    ['another root', 'iota/1/home/lamp-1/up/tele'],
    ['another version', 'iot/2/home/lamp-1/up/tele'],
    ['a version written otherwise', 'iot/01/home/lamp-1/up/tele'],
    ['capitals', 'iot/1/Home/lamp-1/up/tele'],
    ['an id of 33 characters', `iot/1/home/${LONGEST}a/up/tele`],
    ['an id that starts with a hyphen', 'iot/1/home/-lamp/up/tele'],
    ['an id that starts with an underscore', 'iot/1/home/_lamp/up/tele'],
    ['a space', 'iot/1/home/lamp 1/up/tele'],
    ['a line end after the id', 'iot/1/home/lamp-1\n/up/tele'],
    ['a letter outside ASCII', 'iot/1/home/lämp/up/tele'],
    ['a direction that is none', 'iot/1/home/lamp-1/down/cmd'],
    ['a direction that every object has', 'iot/1/home/lamp-1/constructor/name'],
    ['another one', 'iot/1/home/lamp-1/__proto__/tele'],
    ['a channel of another direction', 'iot/1/home/lamp-1/up/cmd'],
    ['a channel that every array has', 'iot/1/home/lamp-1/up/length'],
    ['wildcards', 'iot/1/+/+/up/#'],
    ['the hub as a device', 'iot/1/home/@hub/up/tele'],
    ['a device with a feed', 'iot/1/home/lamp-1/ev/fleet'],
    ['a feed that is none', 'iot/1/home/@hub/ev/tele'],
    ['a share', '$share/g/iot/1/home/lamp-1/up/tele'],
  ])('%s: %j', (_name, topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});

test('a device listens to all of its own dn/', () => {
  expect(downFilter('home', 'lamp-1')).toBe('iot/1/home/lamp-1/dn/#');
});
