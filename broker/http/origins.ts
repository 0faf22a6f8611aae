/** How a URL names a host. */
const inUrl = (name: string): string => (name.includes(':') ? `[${name}]` : name);

/** Which web origins (RFC 6454) may talk to the hub: its own, and those configured. Compared as they stand. */
export function originPolicy(
  names: readonly string[],
  ports: { readonly https: number; readonly http: number },
  configured: readonly string[],
): (origin: string) => boolean {
  // `URL` leaves out the port that a scheme has anyway, as browsers do.
  const own = names.map((name) => new URL(`https://${inUrl(name)}:${ports.https}`).origin);
  const loopback = ['localhost', '127.0.0.1'].map((name) => new URL(`http://${name}:${ports.http}`).origin);
  const allowed = new Set([...own, ...loopback, ...configured]);
  return (origin) => allowed.has(origin);
}

/** Which hosts, as a URL names them and without a port, are the hub's own or one of a page that is configured. */
export function hostPolicy(
  names: readonly string[],
  configured: readonly string[],
): (hostname: string) => boolean {
  const own = names.map((name) => `https://${inUrl(name)}`);
  const hosts = new Set([...own, ...configured].map((origin) => new URL(origin).hostname));
  return (hostname) => hosts.has(hostname);
}

/** The hub's own origin that people are told: that of this machine where the hub has it, or else of its first name. */
export function toldOrigin(names: readonly string[], httpsPort: number): string {
  const host = names.includes('localhost') ? 'localhost' : (names[0] ?? 'localhost');
  return new URL(`https://${inUrl(host)}:${httpsPort}`).origin;
}
