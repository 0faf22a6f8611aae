import { execFile, type ExecFileException } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Hidden, because CMake gives some of its own files the ending ".ts", and TypeScript would read them. */
const BUILDS = join(ROOT, 'test/results/.cmake');
const LIBRARY = join(ROOT, 'firmware-protocol/c');

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 2 ** 26 }, (error: ExecFileException | null, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** Where one test builds the C library, its tests and its device: of its own, as tests run side by side. */
export class CBuild {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Configures a build that stops at every warning and every fault that the sanitizers find. What an earlier run
   * built is used again.
   */
  static configure(name: string, ...options: string[]): Promise<CBuild> {
    return CBuild.#configure(LIBRARY, name, ['SWITCHYARD_SANITIZE', ...options]);
  }

  /** The same for what the ESP-IDF example can have tested without a chip. */
  static configureEspIdf(name: string): Promise<CBuild> {
    return CBuild.#configure(join(LIBRARY, 'esp-idf/test'), name, []);
  }

  static async #configure(source: string, name: string, options: readonly string[]): Promise<CBuild> {
    const folder = join(BUILDS, name);
    await run('cmake', ['-S', source, '-B', folder, ...options.map((option) => `-D${option}=ON`)]);
    return new CBuild(folder);
  }

  /** Builds a target. Resolves with what the build said; rejects with it where it failed. */
  build(target: string): Promise<string> {
    return run('cmake', [
      '--build',
      this.#folder,
      '--parallel',
      String(availableParallelism()),
      '--target',
      target,
    ]);
  }

  /** Absolute path of a program that was built. */
  program(path: string): string {
    return join(this.#folder, path);
  }
}
