import { toRecordedJson } from './recorded-json.js';
import type { StageMessage } from './stage-messages.js';

/**
 * Several stage messages in one message of a queue. Service Bus counts a message of up to 64 KB as one operation, so
 * packing is what makes an event cheap; each member keeps an outcome of its own.
 */
interface StagePack {
  readonly kind: 'pack';
  readonly messages: readonly unknown[];
}

/** Below the 64 KB at which a message counts as two. */
const packBytes = 60_000;
/** Times `maxMessageBatchSize` of host.json, what one invocation may have to finish within a lock. */
const packLength = 10;

/** One message for a queue: JSON text and the messages it holds, at least one. */
export interface PackedMessages {
  readonly json: string;
  readonly messages: readonly StageMessage[];
}

/** Spread messages over as few packs as the limits allow, in order; a message alone is its own text. */
export function toPacks(messages: readonly StageMessage[]): PackedMessages[] {
  const packs: { texts: string[]; messages: StageMessage[] }[] = [];
  let bytes = 0;
  for (const message of messages) {
    const text = toText(message);
    const own = Buffer.byteLength(text);
    const last = packs.at(-1);
    if (last && last.messages.length < packLength && bytes + own <= packBytes) {
      last.texts.push(text);
      last.messages.push(message);
      bytes += own;
    } else {
      packs.push({ texts: [text], messages: [message] });
      bytes = own;
    }
  }
  return packs.map(({ texts, messages: packed }) => ({ json: toJson(texts), messages: packed }));
}

/** A signal's JSON was made for its row already. */
function toText(message: StageMessage): string {
  if (message.kind !== 'evaluate') return JSON.stringify(message);
  const { signal, ...rest } = message;
  return `${JSON.stringify(rest).slice(0, -1)},"signal":${toRecordedJson(signal)}}`;
}

function toJson(texts: readonly string[]): string {
  const [only] = texts;
  return only !== undefined && texts.length === 1 ? only : `{"kind":"pack","messages":[${texts.join(',')}]}`;
}

/** What a delivered message holds: a pack's members, else the message itself; nothing of it is trusted yet. */
export function fromPack(delivered: unknown): readonly unknown[] {
  return isPack(delivered) ? delivered.messages : [delivered];
}

function isPack(delivered: unknown): delivered is StagePack {
  if (typeof delivered !== 'object' || delivered === null) return false;
  return (
    'kind' in delivered && delivered.kind === 'pack' && 'messages' in delivered && Array.isArray(delivered.messages)
  );
}
