import { createHash } from 'node:crypto';
import { z } from 'zod';
import { allows, Role } from '../../shared/contracts/api/roles.js';

/** Who proves who callers are: the platform's access keys, or its sign-in (Easy Auth with Entra ID). */
export type AuthMode = 'platform-keys' | 'platform-sign-in';

/** Who calls. */
export interface Caller {
  /** For limits: one bucket each. */
  readonly id: string;
  /** For the audit log. */
  readonly actor: string;
}

/** The caller, or why there is none that may do this. */
export type Identified =
  | { readonly ok: true; readonly caller: Caller }
  | {
      readonly ok: false;
      readonly code: 'unauthenticated' | 'forbidden';
      readonly detail: string;
      readonly next: string;
    };

interface HeaderReader {
  get(name: string): string | null;
}

/**
 * Identify a caller and check the role that a route needs.
 *
 * With keys the platform has let in only who holds a key of this very function, the host key or the master key; which
 * key opens what is the route table's word. With sign-in the platform puts the principal into a header that callers
 * cannot set; that header counts only in this mode.
 */
export function identify(headers: HeaderReader, needed: Role, mode: AuthMode): Identified {
  return mode === 'platform-keys' ? identifyByKey(headers) : identifyByPrincipal(headers, needed);
}

// Printable and short: the name goes into the audit log.
const claimedName = /^[\x20-\x7e]{1,100}$/;

function identifyByKey(headers: HeaderReader): Identified {
  const key = headers.get('x-functions-key');
  const id = key === null ? 'no-header' : createHash('sha256').update(key).digest('hex').slice(0, 8);
  const claimed = headers.get('x-outport-actor');
  const named = claimed !== null && claimedName.test(claimed) ? ` (says ${claimed})` : '';
  return { ok: true, caller: { id: `key ${id}`, actor: `key ${id}${named}` } };
}

const Principal = z.object({
  role_typ: z.string().optional(),
  name_typ: z.string().optional(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

const objectIdClaims = ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid'];

/** App roles of the sign-in, by the role they stand for. */
const appRoles: ReadonlyMap<string, Role> = new Map(Role.options.map((role) => [toAppRole(role), role]));

/** Name of the Entra ID app role that stands for a role: `Outport.Reader`. */
export function toAppRole(role: Role): string {
  return `Outport.${role.charAt(0).toUpperCase()}${role.slice(1)}`;
}

function identifyByPrincipal(headers: HeaderReader, needed: Role): Identified {
  const principal = readPrincipal(headers.get('x-ms-client-principal'));
  if (principal === undefined) {
    return {
      ok: false,
      code: 'unauthenticated',
      detail: 'no signed-in principal came with the request',
      next: 'sign in',
    };
  }
  const { claims, role_typ: roleType = 'roles', name_typ: nameType } = principal;
  const held = claims.flatMap(({ typ, val }) => (typ === roleType || typ === 'roles' ? (appRoles.get(val) ?? []) : []));
  const valueOf = (...types: (string | undefined)[]): string | undefined =>
    claims.find(({ typ }) => types.includes(typ))?.val;
  const id = valueOf(...objectIdClaims) ?? valueOf('sub', 'azp', 'appid') ?? 'unknown';
  if (allows(held, needed)) {
    const name = valueOf(nameType, 'preferred_username', 'name');
    return { ok: true, caller: { id, actor: name === undefined ? id : `${name} (${id})` } };
  }
  const detail = `this needs app role ${toAppRole(needed)}`;
  return { ok: false, code: 'forbidden', detail, next: 'ask an owner of the app registration for the role' };
}

function readPrincipal(header: string | null): z.infer<typeof Principal> | undefined {
  if (header === null) return undefined;
  try {
    return Principal.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch {
    return undefined; // whatever it is, it is nobody
  }
}
