import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program that the tests need and npm does not bring. */
export interface SystemPackage {
  readonly what: string;
  /** Whether it is there. */
  readonly found: () => boolean;
  /** Its Debian packages, with spaces between them. */
  readonly debian: string;
  /** What to do where it cannot be installed from here. */
  readonly advice: string;
}

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).error === undefined;

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium, or undefined where none was found. */
export const findChromium = (): string | undefined =>
  [process.env['CHROMIUM'], ...BROWSERS].find((path) => path !== undefined && existsSync(path));

/** The Python that has the system's packages. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

const pythonHas = (module: string): boolean =>
  spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;

const compilerHas = (header: string): boolean =>
  spawnSync('cc', ['-E', '-include', header, '-x', 'c', '/dev/null'], { stdio: 'ignore' }).status === 0;

/** Where libfaketime is, which lets a test set the clock of one process: Debian on either machine, Fedora. */
export const LIBFAKETIME = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '../lib64'].map(
  (folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`,
);

export const NEEDED_BY_TESTS: readonly SystemPackage[] = [
  {
    what: 'Chromium',
    found: () => findChromium() !== undefined,
    debian: 'chromium',
    advice: 'install Chromium or Chrome, or set CHROMIUM to its path',
  },
  {
    what: 'certutil, which lets Chromium trust the local CA',
    found: () => works('certutil', '--help'),
    debian: 'libnss3-tools',
    advice: 'install the NSS tools (Debian: libnss3-tools, Fedora: nss-tools, Homebrew: nss)',
  },
  {
    what: 'paho-mqtt for Python, the MQTT client of another make',
    found: () => pythonHas('paho.mqtt.client'),
    debian: 'python3-paho-mqtt',
    advice: 'install paho-mqtt for python3 (pip install paho-mqtt)',
  },
  {
    what: "cbor2 for Python, which the README's lamp uses",
    found: () => pythonHas('cbor2'),
    debian: 'python3-cbor2',
    advice: 'install cbor2 for python3 (pip install cbor2)',
  },
  {
    what: 'PyJWT for Python, with which a device that has a key of its own signs its tokens',
    found: () => pythonHas('jwt, cryptography'),
    debian: 'python3-jwt python3-cryptography',
    advice: 'install PyJWT for python3 (pip install "pyjwt[crypto]")',
  },
  {
    what: 'the Prometheus client for Python, which reads metrics as Prometheus does',
    found: () => pythonHas('prometheus_client.parser'),
    debian: 'python3-prometheus-client',
    advice: 'install prometheus-client for python3 (pip install prometheus-client)',
  },
  {
    what: 'a C compiler, for the protocol in C',
    found: () => works('cc', '--version'),
    debian: 'gcc libc6-dev',
    advice: 'install GCC or Clang (macOS: xcode-select --install)',
  },
  {
    what: 'CMake, which builds the protocol in C',
    found: () => works('cmake', '--version'),
    debian: 'cmake make',
    advice: 'install CMake 3.16 or newer (Fedora, Homebrew: cmake)',
  },
  {
    what: 'libcbor, on which the protocol in C rests',
    found: () => compilerHas('cbor/streaming.h'),
    debian: 'libcbor-dev',
    advice: 'install libcbor with its headers (Fedora: libcbor-devel, Homebrew: libcbor)',
  },
  {
    what: 'cJSON, with which the tests in C read the vectors',
    found: () => compilerHas('cjson/cJSON.h'),
    debian: 'libcjson-dev',
    advice: 'install cJSON with its headers (Fedora: cjson-devel, Homebrew: cjson)',
  },
  {
    what: 'Paho MQTT C, with which the device in C connects',
    found: () => compilerHas('MQTTAsync.h'),
    debian: 'libpaho-mqtt-dev',
    advice: 'install Paho MQTT C with its headers (Fedora: paho-c-devel, Homebrew: libpaho-mqtt)',
  },
  {
    what: 'OpenSSL, with which the device in C hashes its description',
    found: () => compilerHas('openssl/sha.h'),
    debian: 'libssl-dev',
    advice: 'install OpenSSL with its headers (Fedora: openssl-devel, Homebrew: openssl)',
  },
  {
    what: 'the openssl program, which makes the key of a device on the command line',
    found: () => works('openssl', 'version'),
    debian: 'openssl',
    advice: 'install OpenSSL (Fedora, Homebrew: openssl)',
  },
  {
    what: 'HAProxy, which ends TLS in front of a hub',
    found: () => works('haproxy', '-v'),
    debian: 'haproxy',
    advice: 'install HAProxy (Fedora, Homebrew: haproxy)',
  },
  {
    what: 'libfaketime, with which a test sets the clock of a hub',
    // Elsewhere there is none that Node heeds; the one test that needs it fails there and says so.
    found: () => process.platform !== 'linux' || LIBFAKETIME.some(existsSync),
    debian: 'faketime',
    advice: 'install libfaketime (Fedora: libfaketime)',
  },
];

/** Installs what is missing where that may be done (Debian, root). Resolves with what is still missing. */
export function installMissing(needed: readonly SystemPackage[]): readonly SystemPackage[] {
  const missing = needed.filter(({ found }) => !found());
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return missing;
  const packages = missing.flatMap(({ debian }) => debian.split(' '));
  process.stdout.write(`Installing ${packages.join(', ')} from the system's packages …\n`);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-q', '-o', 'Dpkg::Use-Pty=0', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
  return missing.filter(({ found }) => !found());
}
