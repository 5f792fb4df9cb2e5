import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A batch makes megabytes that live as long as it does; in the default's 16 MB they are promoted before they die, and
 * collecting takes a seventh of the time under load.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';

/** A module as an URL, loaded before the program. */
const toModule = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

/**
 * A heap grows to four times what lived before V8 marks it again. Left alone V8 starts as soon as there is no more room
 * than a young generation: a broker with 30 MB was marked three times a second. Not an option of the command line,
 * because Node does not start with one that its V8 does not know.
 */
const SELDOM_MARKED = toModule(`import v8 from 'node:v8'; v8.setFlagsFromString('--heap-growing-percent=300');`);

/** When the parent dies its channel closes, and the child ends like after a SIGTERM. The channel keeps no child alive. */
const DIE_WITH_PARENT = toModule(
  `process.on('disconnect', () => { process.kill(process.pid, 'SIGTERM'); ` +
    `setTimeout(() => process.exit(1), 60000).unref(); }); process.channel?.unref();`,
);
const KEPT_LINES = 60;

export interface ProgramOptions {
  readonly name: string;
  readonly script: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Modules loaded before the script, as URLs. */
  readonly imports?: readonly string[];
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Folder for `<name>.log`. */
  readonly logDir: string | undefined;
  /** Gets every line of output when given. */
  readonly onOutput: ((name: string, line: string) => void) | undefined;
  /** How long `start` waits for the ready line. */
  readonly readyTimeoutMs: number;
}

/** A Node program as a child process: knows its last lines, dies with this process, is stopped by signals. */
export class ChildProgram {
  readonly #options: ProgramOptions;
  readonly #lines: string[] = [];
  readonly #onExit: (() => void)[] = [];
  #child: ChildProcess | undefined;
  #logFile: WriteStream | undefined;
  #exited: Promise<void> = Promise.resolve();
  #asked = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The code the program ended with; null while it runs or when a signal ended it. */
  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  /** The last lines of output, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Called when the program ends by itself, that is without `stop` or `kill`. */
  onUnexpectedExit(listener: () => void): void {
    this.#onExit.push(listener);
  }

  /**
   * Start the program and wait for the line that `read` recognises.
   *
   * @throws Error with the last lines of output when it ends or stays silent instead
   */
  async start<T>(read: (line: string) => T | undefined): Promise<T> {
    this.#asked = false;
    this.#lines.length = 0;
    await this.#openLog();
    const child = this.#spawn();
    this.#child = child;
    const ready = new Promise<T>((resolve) => {
      this.#listen(child.stderr, () => undefined);
      this.#listen(child.stdout, (line) => {
        const value = read(line);
        if (value !== undefined) resolve(value);
      });
    });
    this.#exited = new Promise((resolve) => child.once('close', () => resolve()));
    void this.#exited.then(() => this.#ended());
    return this.#firstOf(ready);
  }

  /** SIGTERM, and SIGKILL if the program has not ended after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#asked = true;
    if (!this.running) return;
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Send a signal and wait for the end of the program. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#asked = true;
    if (!this.running) return;
    this.#child?.kill(signal);
    await this.#exited;
  }

  #spawn(): ChildProcess {
    const { script, args, env, cwd, imports = [], nodeArgs = [] } = this.#options;
    const loaded = [SELDOM_MARKED, DIE_WITH_PARENT, ...imports].flatMap((url) => ['--import', url]);
    return spawn(process.execPath, [YOUNG_GENERATION, ...nodeArgs, ...loaded, script, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  async #openLog(): Promise<void> {
    const { logDir, name } = this.#options;
    if (logDir === undefined) return;
    await mkdir(logDir, { recursive: true });
    this.#logFile = createWriteStream(path.join(logDir, `${name}.log`), { flags: 'a' });
    // A full disk must not end the stack; the last lines stay in memory.
    this.#logFile.on('error', () => (this.#logFile = undefined));
  }

  #listen(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
    if (!stream) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      this.#logFile?.write(`${line}\n`);
      this.#options.onOutput?.(this.#options.name, line);
      onLine(line);
    });
  }

  #ended(): void {
    this.#logFile?.end();
    this.#logFile = undefined;
    if (!this.#asked) for (const listener of this.#onExit) listener();
  }

  async #firstOf<T>(ready: Promise<T>): Promise<T> {
    const { readyTimeoutMs, name } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), readyTimeoutMs)));
    const first = await Promise.race([
      ready.then((value) => ({ value })),
      late,
      this.#exited.then(() => 'ended' as const),
    ]);
    clearTimeout(timer);
    if (typeof first === 'object') return first.value;
    await this.kill('SIGKILL');
    const what = first === 'late' ? `was not ready after ${readyTimeoutMs} ms` : 'ended while starting';
    throw new Error(`${name} ${what}; its last lines:\n${this.#lines.join('\n') || '(no output)'}`);
  }
}
