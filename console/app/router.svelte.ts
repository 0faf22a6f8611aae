import { parseRoute, type Route } from './route.ts';

/** The address bar as state. */
export class Router {
  route: Route = $state.raw(parseRoute(location));
  /** The query with which the fleet was last shown, so that "back to the fleet" returns to that view. */
  fleetQuery = $state('');
  /** How far the fleet was scrolled, in px. */
  fleetScroll = $state(0);

  constructor() {
    addEventListener('popstate', () => this.#read());
    this.#read();
  }

  go(path: string): void {
    history.pushState(null, '', path);
    this.#read();
  }

  /** Changes the address without leaving a step to go back to, as while a search is typed. */
  replace(path: string): void {
    history.replaceState(null, '', path);
    this.#read();
  }

  /** Lets clicks on links within the console change the page without loading it anew. */
  readonly followLinks = (root: HTMLElement): (() => void) => {
    const follow = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
      if (!link || modified || event.defaultPrevented || link.origin !== location.origin) return;
      if (link.target || link.download) return;
      if (link.pathname === location.pathname && link.hash) return;
      event.preventDefault();
      this.go(link.pathname + link.search);
    };
    root.addEventListener('click', follow);
    return () => root.removeEventListener('click', follow);
  };

  #read(): void {
    this.route = parseRoute(location);
    if (this.route.page === 'fleet') this.fleetQuery = location.search;
  }
}
