import type { ContainerClient } from '@azure/storage-blob';
import { resolveHostStorage, toCredential } from '../settings/connections.js';
import type { Environment } from '../settings/host-json.js';

/** When a timer ran last and when it is due, as kept between starts of the host. */
export interface TimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

const CONTAINER = 'azure-webjobs-hosts';

/** Keeps timers' status in the host's storage account, where the platform keeps it. */
export class TimerMonitor {
  readonly #settings: Environment;
  readonly #hostId: string;
  #container: Promise<ContainerClient> | undefined;

  constructor(settings: Environment, hostId: string) {
    this.#settings = settings;
    this.#hostId = hostId;
  }

  /** The stored status, undefined when there is none. @throws RestError when storage cannot be reached */
  async read(functionName: string): Promise<TimerStatus | undefined> {
    const blob = (await this.#open()).getBlockBlobClient(this.#nameOf(functionName));
    if (!(await blob.exists())) return undefined;
    return toStatus((await blob.downloadToBuffer()).toString('utf8'));
  }

  /** Store the status. @throws RestError when storage cannot be reached */
  async write(functionName: string, status: TimerStatus): Promise<void> {
    const text = JSON.stringify(status);
    const blob = (await this.#open()).getBlockBlobClient(this.#nameOf(functionName));
    await blob.upload(text, Buffer.byteLength(text));
  }

  #nameOf(functionName: string): string {
    return `timers/${this.#hostId}/Host.Functions.${functionName}/status`;
  }

  async #open(): Promise<ContainerClient> {
    this.#container ??= this.#connect();
    try {
      return await this.#container;
    } catch (error) {
      this.#container = undefined;
      throw error;
    }
  }

  async #connect(): Promise<ContainerClient> {
    const { BlobServiceClient } = await import('@azure/storage-blob');
    const storage = resolveHostStorage(this.#settings);
    const service =
      storage.kind === 'string'
        ? BlobServiceClient.fromConnectionString(storage.connectionString)
        : new BlobServiceClient(storage.address, await toCredential(storage.clientId));
    const container = service.getContainerClient(CONTAINER);
    await container.createIfNotExists();
    return container;
  }
}

function toStatus(text: string): TimerStatus | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const read = (name: string): string => (name in value ? String(Reflect.get(value, name)) : '');
  return { Last: read('Last'), Next: read('Next'), LastUpdated: read('LastUpdated') };
}
