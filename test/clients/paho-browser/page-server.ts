import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** A web server of somebody else's, with a page on it. */
export class PageServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param files what is served, by its name */
  static async start(files: Readonly<Record<string, string | Buffer>>): Promise<PageServer> {
    const server = createServer((request, response) => {
      const name = (request.url ?? '').slice(1);
      const content = files[name];
      response.writeHead(content === undefined ? 404 : 200, {
        'Content-Type': TYPES[extname(name)] ?? 'text/plain',
      });
      response.end(content);
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
