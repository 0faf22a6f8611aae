import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inProject } from '../../../scripts/project.ts';

const FILES: Readonly<Record<string, { type: string; path: string }>> = {
  '/': { type: 'text/html; charset=utf-8', path: join(import.meta.dirname, 'page.html') },
  '/page.js': { type: 'text/javascript', path: join(import.meta.dirname, 'page.js') },
  '/paho-mqtt.js': { type: 'text/javascript', path: inProject('node_modules', 'paho-mqtt', 'paho-mqtt.js') },
};

/** A web server of somebody else's, with a page that has a client in it. */
export class PageServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PageServer> {
    const server = createServer((request, response) => {
      const file = FILES[request.url ?? ''];
      response.writeHead(file ? 200 : 404, { 'Content-Type': file?.type ?? 'text/plain' });
      response.end(file && readFileSync(file.path));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server);
  }

  /** What the hub has to allow. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
