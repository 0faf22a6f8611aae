import type { TlsOptions } from 'node:tls';

/**
 * TLS as Mozilla's "intermediate" recommends it (Server Side TLS 5.7), without the suites that exchange keys in finite
 * fields: authenticated encryption and forward secrecy only, and what every client of the last ten years has.
 */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  // All of them are good, and a small device knows best which one costs it least.
  honorCipherOrder: false,
} as const satisfies TlsOptions;
