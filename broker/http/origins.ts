/** Which web origins (RFC 6454) may talk to the hub: its own, and those configured. Compared as they stand. */
export function originPolicy(
  names: readonly string[],
  ports: { readonly https: number; readonly http: number },
  configured: readonly string[],
): (origin: string) => boolean {
  const host = (name: string): string => (name.includes(':') ? `[${name}]` : name);
  // `URL` leaves out the port that a scheme has anyway, as browsers do.
  const own = names.map((name) => new URL(`https://${host(name)}:${ports.https}`).origin);
  const loopback = ['localhost', '127.0.0.1'].map((name) => new URL(`http://${name}:${ports.http}`).origin);
  const allowed = new Set([...own, ...loopback, ...configured]);
  return (origin) => allowed.has(origin);
}
