/** Why a device is not connected, and what to do about it. */
export interface LinkProblem {
  readonly kind: 'untrusted' | 'refused' | 'unreachable' | 'turned-away' | 'broken';
  /** One line for people, without the end of the line. */
  readonly text: string;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What OpenSSL and Node say of a certificate that they do not accept, as far as a remedy is known. */
const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'renew the certificate',
  CERT_NOT_YET_VALID: 'check the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'use a name in --url that the certificate has',
};

const UNTRUSTED = /CERT|^UNABLE_TO_|^SELF_SIGNED|^DEPTH_ZERO|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/;

const BAD_CREDENTIALS = 4;
const NOT_AUTHORISED = 5;
const CONNACK_REASONS: Readonly<Record<number, string>> = {
  1: 'does not speak MQTT 3.1.1',
  2: 'does not accept the client id',
  3: 'is not available now',
};

const UPGRADE_REFUSED = /^Unexpected server response: (\d+)$/;

/** Explains an error of the link of one device. */
export function explain(error: Error, { url, device }: { url: string; device: string }): LinkProblem {
  const code = (error as Error & { code?: string | number }).code;
  if (typeof code === 'number') return refusal(code, url, device);
  if (code !== undefined && UNTRUSTED.test(code)) {
    const remedy = REMEDIES[code] ?? "give the hub's CA with --ca or SWITCHYARD_CA";
    return { kind: 'untrusted', text: `The certificate of ${url} is not trusted (${code}): ${remedy}` };
  }
  if ((code !== undefined && UNREACHABLE.has(code)) || error.message === 'connack timeout') {
    const what = code ?? 'no answer';
    return { kind: 'unreachable', text: `No hub at ${url} (${what}): trying again until it is up` };
  }
  const http = UPGRADE_REFUSED.exec(error.message)?.[1];
  if (http !== undefined) {
    return {
      kind: 'turned-away',
      text: `${url} answered HTTP ${http} instead of a WebSocket: ${remedyFor(http)}`,
    };
  }
  const [firstLine] = error.message.split('\n');
  return { kind: 'broken', text: `The link of ${device} to ${url} broke (${firstLine}): trying again` };
}

function remedyFor(status: string): string {
  if (status === '404') return 'check the path of --url';
  return status === '503' ? 'trying again when it asks to' : 'trying again';
}

function refusal(code: number, url: string, device: string): LinkProblem {
  if (code === BAD_CREDENTIALS || code === NOT_AUTHORISED) {
    const text = `The hub at ${url} refuses the credentials of ${device}: check its secret and that the hub knows it`;
    return { kind: 'refused', text };
  }
  const reason = CONNACK_REASONS[code] ?? `refuses connections (code ${code})`;
  return { kind: 'turned-away', text: `The hub at ${url} ${reason}: trying again` };
}
