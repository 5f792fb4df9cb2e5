import { z } from 'zod';

/** What became of a transaction: applied, each action with its row's new etag if it left one, or refused as a whole. */
export type Answer =
  | { readonly kind: 'applied'; readonly etags: readonly (string | undefined)[] }
  | { readonly kind: 'refused'; readonly statusCode: number; readonly code: string; readonly message: string };

/**
 * Read the service's answer to a transaction of so many actions. One that it applied has a part for each of them, in
 * their order; one that it refused has a single part with the reason, or is the reason.
 * Source: "Performing entity group transactions" of the Table service's REST API.
 * @throws Error when the text is neither
 */
export function fromAnswer(statusCode: number, text: string, actions: number): Answer {
  if (!isSuccess(statusCode)) return toRefusal(statusCode, text);
  const parts = text.split('--changesetresponse_').slice(1, -1);
  const refused = parts.find((part) => !isSuccess(toStatus(part)));
  if (refused !== undefined) return toRefusal(toStatus(refused), refused);
  if (parts.length !== actions) {
    throw new Error(`a transaction of ${actions} actions was answered in ${parts.length} parts: ${toExcerpt(text)}`);
  }
  return { kind: 'applied', etags: parts.map(toEtag) };
}

function isSuccess(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** @throws Error when the part is no HTTP response, so that nothing unread counts as applied */
function toStatus(part: string): number {
  const status = /HTTP\/1\.1 (\d{3})/.exec(part)?.[1];
  if (status === undefined) throw new Error(`a part of an answer to a transaction has no status: ${toExcerpt(part)}`);
  return Number(status);
}

function toEtag(part: string): string | undefined {
  return /^etag: *(\S+)/im.exec(part)?.[1];
}

const Reason = z.object({ 'odata.error': z.object({ code: z.string(), message: z.object({ value: z.string() }) }) });

/** The reason is JSON, unless something on the way to the service answered in its place. */
function toRefusal(statusCode: number, text: string): Answer {
  const reason = Reason.safeParse(toJson(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)));
  if (!reason.success) return { kind: 'refused', statusCode, code: '', message: toExcerpt(text) };
  const { code, message } = reason.data['odata.error'];
  return { kind: 'refused', statusCode, code, message: message.value };
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // shown as it came
  }
}

function toExcerpt(text: string): string {
  return JSON.stringify(text.slice(0, 500));
}
