import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { lockData } from '../../local/stack/data-lock.js';
import { type Stack, type StackEndpoints, startStack, type StackEvent } from '../../local/stack/start-stack.js';
import { parseSettings, type Settings } from '../../shared/config/settings.js';
import { EnvironmentError } from '../errors.js';
import { note, paintError, toSafeText } from '../output.js';
import { toAppSettings, toEntities } from './entities.js';

export interface EmbeddedOptions {
  /** Folder with host.json and package.json. */
  readonly appDir: string;
  readonly dataDir: string;
  readonly ports: {
    readonly amqp: number;
    readonly http: number;
    readonly table: number;
    readonly blob: number;
    readonly admin: number;
  };
  readonly fresh: boolean;
  readonly verbose: boolean;
}

/** A running stack and the settings that reach it. */
export interface Embedded {
  readonly stack: Stack;
  readonly settings: Settings;
}

/** Bring the embedded stack up, telling how it goes. @throws EnvironmentError when a part cannot come up */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { appDir, dataDir, ports, verbose } = options;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OUTPORT_')));
  const settingsFor = (endpoints: Connections): Settings => parseSettings({ ...own, ...toConnections(endpoints) });
  // The entities and names do not depend on where the stack answers; they are settled before it starts.
  const named = settingsFor({ amqp: 'unknown', adminUrl: 'http://127.0.0.1', storage: 'unknown' });
  try {
    if (options.fresh) await removeData(dataDir);
    const stack = await startStack({
      appDir,
      dataDir,
      ports,
      verbose,
      entities: toEntities(named),
      settings: (endpoints) => ({ ...toAppSettings(named), ...toConnections(endpoints) }),
      onProgress: tell,
    });
    return { stack, settings: settingsFor(stack.endpoints) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError(message, `mend this and start again; logs are in ${join(dataDir, 'logs')}`, {
      cause: error,
    });
  }
}

type Connections = Pick<StackEndpoints, 'amqp' | 'adminUrl' | 'storage'>;

/** The connection settings of a stack. */
export function toConnections({ amqp, adminUrl, storage }: Connections): Record<string, string> {
  return { EVENTHUB: amqp, SERVICEBUS: amqp, SERVICEBUS_ADMIN_URL: adminUrl, OUTPORT_TABLES: storage };
}

/** Everything a stack keeps; other files in the folder are not ours to remove. */
const kept = ['azurite', 'broker', 'logs', 'keys.json'];

/** @throws Error when another process uses the folder */
async function removeData(dataDir: string): Promise<void> {
  const lock = await lockData(resolve(dataDir));
  try {
    for (const name of kept) await rm(join(dataDir, name), { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

function tell(event: StackEvent): void {
  switch (event.kind) {
    case 'starting':
    case 'stopping':
      note(paintError.dim(`${event.kind} ${event.resource}`));
      return;
    case 'up':
    case 'down':
      note(paintError.dim(`${event.resource} is ${event.kind} (${event.tookMs ?? 0} ms)`));
      return;
    case 'output':
      note(paintError.dim(`${event.resource}: ${toSafeText(event.line)}`));
      return;
    case 'warning':
      note(`${paintError.yellow('warning')}  ${event.message}`);
      return;
    default:
      event satisfies never;
  }
}
