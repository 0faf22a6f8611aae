/** Whether a host name leads to the machine itself, whoever asks for it (RFC 6761, section 6.3). */
export const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127\./.test(hostname);
