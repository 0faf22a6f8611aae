import { mount } from 'svelte';
import App from './App.svelte';
import { takeCode } from './session/code.ts';
import './theme/tokens.css';
import './theme/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('#app is missing in index.html');
mount(App, { target, props: { code: takeCode() } });
