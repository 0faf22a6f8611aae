/** Whether a topic name is one that may be published to [MQTT-3.3.2-2], [MQTT-4.7.3-1], [MQTT-4.7.3-2]. */
export const isTopicName = (topic: string): boolean => topic.length > 0 && !/[+#\0]/.test(topic);

/** What a server keeps for itself [MQTT-4.7.2-1]. */
const isServers = (levels: readonly string[]): boolean => levels[0]?.startsWith('$') ?? false;

/** Whether a topic filter matches a topic name (MQTT 3.1.1, 4.7). */
export const matches = (filter: string, topic: string): boolean =>
  isTopicName(topic) && covers(filter, topic);

/** Whether every topic name that `filter` matches is matched by `grant` too. Both are topic filters. */
export function covers(grant: string, filter: string): boolean {
  const granted = grant.split('/');
  // No topic name is empty [MQTT-4.7.3-1], so that "#" and "/#" match nothing less than these do.
  const asked = filter.replace(/^(\/?)#$/, '$1+/#').split('/');
  if (isServers(asked) && !isServers(granted)) return false;
  for (const [at, level] of granted.entries()) {
    if (level === '#') return true;
    const other = asked[at];
    // "#" includes the parent level [4.7.1.2], and nothing but "#" covers it.
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) return false;
  }
  return asked.length === granted.length;
}
