import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseSettings, type Settings } from '../shared/config/settings.js';
import { InputError } from './errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Default ports of the embedded stack. */
export const defaultPorts = { amqp: 5672, http: 7071, table: 10002, blob: 10000, admin: 5300 } as const;

const account = 'devstoreaccount1';
// The key every storage emulator ships with; it opens nothing else.
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Where the parts of an embedded stack listen. */
export interface StackPorts {
  readonly amqp: number;
  readonly admin: number;
  readonly table: number;
  readonly blob: number;
}

/** The connection settings that reach an embedded stack on this machine. */
export function toEmbeddedSettings({ amqp, admin, table, blob }: StackPorts): Record<string, string> {
  const bus = `Endpoint=sb://localhost:${amqp};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;
  const storage =
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};` +
    `BlobEndpoint=http://127.0.0.1:${blob}/${account};TableEndpoint=http://127.0.0.1:${table}/${account};`;
  return {
    EVENTHUB: bus,
    SERVICEBUS: bus,
    SERVICEBUS_ADMIN_URL: `http://127.0.0.1:${admin}`,
    OUTPORT_TABLES: storage,
    AzureWebJobsStorage: storage,
  };
}

const SettingsFile = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/**
 * Settings for a command: the environment, then `local.settings.json` in the working folder; when neither names a
 * connection, the embedded stack on its default ports. @throws SettingsError | InputError
 */
export function loadSettings(env: Environment = process.env, file = 'local.settings.json'): Settings {
  const values = { ...readSettingsFile(file), ...withoutEmpty(env) };
  const named = Object.keys(values).some((name) => /^(?:EVENTHUB|SERVICEBUS|OUTPORT_TABLES)(?:__|$)/.test(name));
  return parseSettings(named ? values : { ...toEmbeddedSettings(defaultPorts), ...values });
}

function readSettingsFile(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {}; // having none is the usual case
  }
  try {
    return SettingsFile.parse(JSON.parse(text)).Values;
  } catch {
    throw new InputError(`${file} is not a settings file`, 'compare it with local.settings.sample.json');
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
