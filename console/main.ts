import { mount } from 'svelte';
import App from './App.svelte';
import './theme/tokens.css';
import './theme/base.css';

/** The code of a sign-in link is taken out of the address at once: it must stay in no history and no screenshot. */
function takeCode(): string | undefined {
  const code = location.pathname === '/sign-in' ? location.hash.slice(1) : '';
  if (code) history.replaceState(null, '', '/sign-in');
  return code || undefined;
}

const target = document.getElementById('app');
if (!target) throw new Error('#app is missing in index.html');
mount(App, { target, props: { code: takeCode() } });
