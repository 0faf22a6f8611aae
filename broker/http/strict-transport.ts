/**
 * Ends of names that the public DNS does not have, or has for examples and tests: RFC 2606, RFC 6761, RFC 6762, RFC
 * 8375, and what routers and companies use at home.
 */
const NOT_PUBLIC = [
  'alt',
  'arpa',
  'corp',
  'domain',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'test',
];

/** The last label of a name of the public DNS: letters, or a name in another script as ASCII has it. */
const TOP_LEVEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]+)$/;

/** Whether a host, in lower case and without a port, is a name that only one machine in the world can have. */
export function isPublicName(hostname: string): boolean {
  const labels = hostname.split('.');
  const last = labels.at(-1) as string;
  return (
    labels.length > 1 &&
    labels.every((label) => label !== '') &&
    TOP_LEVEL.test(last) &&
    !NOT_PUBLIC.includes(last)
  );
}

/** The host in a Host header (RFC 9110 §7.2), or undefined where it is not as a browser writes it. */
function hostnameIn(host: string): string | undefined {
  const lower = host.toLowerCase();
  const url = URL.canParse(`https://${lower}`) ? new URL(`https://${lower}`) : undefined;
  return url && (url.host === lower || `${url.host}:443` === lower) ? url.hostname : undefined;
}

/**
 * Whether a browser is to be told to use nothing but https with a host (RFC 6797). A browser keeps that to a name,
 * whichever port it came from: on `localhost` or in a private network it would break what others serve there.
 * @param isOurs whether a host is one of the hub's
 */
export function deservesStrictTransport(
  { host, secure }: { readonly host: string | undefined; readonly secure: boolean },
  isOurs: (hostname: string) => boolean,
): boolean {
  const hostname = secure && host !== undefined ? hostnameIn(host) : undefined;
  return hostname !== undefined && isPublicName(hostname) && isOurs(hostname);
}
