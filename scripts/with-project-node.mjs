// Installs what the lock file says, where that is not done yet, and runs a script with the project's own Node.
// It runs before anything is installed and on whatever Node started npm, so it uses nothing newer than Node 20.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function fail(line) {
  process.stderr.write(`switchyard: ${line}\n`);
  process.exit(1);
}

function installed() {
  const lock = join(root, 'node_modules', '.package-lock.json');
  return existsSync(lock) && statSync(lock).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

function install() {
  process.stdout.write('Installing dependencies (about half a minute the first time) …\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: root, stdio: 'inherit', shell: npm === undefined && process.platform === 'win32' };
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options);
  if (status !== 0) fail('"npm ci" failed; its message is above');
}

/** The Node that came as a package for this platform, or this one where it is new enough. */
function projectNode() {
  const packaged = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  return fail(
    `this needs Node ${NEEDED_MAJOR}, there is no package of it for ${process.platform} on ${process.arch}, ` +
      `and this is ${process.version}: install Node ${NEEDED_MAJOR} and try again`,
  );
}

if (!installed()) install();
const [script, ...args] = process.argv.slice(2);
// Programs start in half the time where Node finds them compiled (https://nodejs.org/api/module.html#module-compile-cache).
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'), ...process.env };
const child = spawn(projectNode(), [join(root, script), ...args], { cwd: root, env, stdio: 'inherit' });
// A terminal signals the whole group; the child decides when it is done.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : code));
