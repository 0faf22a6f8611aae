import type { MiddlewareHandler } from 'hono';
import { every } from 'hono/combine';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiEnv } from './access.ts';
import { deservesStrictTransport } from './strict-transport.ts';

/** What the console has no use for, and nothing that runs in its place may have either. */
const UNUSED = [
  'accelerometer',
  'autoplay',
  'camera',
  'displayCapture',
  'encryptedMedia',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idleDetection',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'pictureInPicture',
  'publickeyCredentialsGet',
  'screenWakeLock',
  'serial',
  'usb',
  'xrSpatialTracking',
] as const;

/** A year. Without "includeSubDomains": what else is below a name is not the hub's affair. */
const STRICT_TRANSPORT = 'max-age=31536000';

const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    // Svelte makes elements of the markup that it was compiled with, and of nothing else.
    trustedTypes: ['svelte-trusted-html'],
  },
  permissionsPolicy: Object.fromEntries(UNUSED.map((feature) => [feature, []])),
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  originAgentCluster: '?1',
  referrerPolicy: 'no-referrer',
  strictTransportSecurity: false,
  xContentTypeOptions: 'nosniff',
  xFrameOptions: 'DENY',
});

export interface HeaderOptions {
  /** Whether a host is one of the hub's. */
  readonly isOwnHost: (hostname: string) => boolean;
}

/** Gives every answer the headers that keep the page to itself. */
export function headers({ isOwnHost }: HeaderOptions): MiddlewareHandler<ApiEnv> {
  const strict: MiddlewareHandler<ApiEnv> = async (c, next) => {
    await next();
    if (deservesStrictTransport(c.get('client'), isOwnHost)) {
      c.header('Strict-Transport-Security', STRICT_TRANSPORT);
    }
  };
  return every(pageHeaders, strict);
}
