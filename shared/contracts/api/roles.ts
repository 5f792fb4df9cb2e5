import { z } from 'zod';

/** Who may call: `producer` publishes events, `reader` looks, `operator` changes, `admin` does everything. */
export const Role = z.enum(['producer', 'reader', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

const includes: Record<Role, readonly Role[]> = {
  producer: ['producer'],
  reader: ['reader'],
  operator: ['operator', 'reader'],
  admin: ['admin', 'operator', 'reader', 'producer'],
};

/** Whether any of the roles held is, or includes, the one that is needed. */
export function allows(held: readonly Role[], needed: Role): boolean {
  return held.some((role) => includes[role].includes(needed));
}

/** Roles whose keys open a route that needs `needed`. */
export function toRolesAllowed(needed: Role): Role[] {
  return Role.options.filter((role) => allows([role], needed));
}
