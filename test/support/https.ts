import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { TestHub } from './hub.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTPS request, verified against the hub's CA, with any headers that a browser or an attacker might send. */
export function ask(
  hub: TestHub,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      path,
      host: 'localhost',
      port: hub.hub.httpsPort,
      ca: hub.ca,
      // Whatever Host a request has, it is this hub that it is for.
      servername: 'localhost',
      agent: false,
      headers: {
        ...headers,
        ...(content !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(content),
        }),
      },
    };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(content);
  });
}
