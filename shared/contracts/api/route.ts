import { z } from 'zod';
import type { Role } from './roles.js';

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/`, with `{parameters}`; a `{*parameter}` takes the rest of the path. */
  readonly path: string;
  readonly role: Role;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202;
  readonly response: z.ZodType;
  /** The answer carries an ETag, and `If-Match` is honoured where it changes something. */
  readonly etag?: true;
}

/** A page of a list. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), cursor: z.string().optional() });
