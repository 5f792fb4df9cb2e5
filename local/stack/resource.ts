/** How a resource is: `up` and answering, `down`, or `failing` with the reason. */
export type Health =
  { readonly kind: 'up' } | { readonly kind: 'down' } | { readonly kind: 'failing'; readonly reason: string };

/** A part of the stack that can be brought up and taken down. */
export interface Resource {
  readonly name: string;
  /** Resolves when the resource answers. @throws Error that says what to do when it cannot come up */
  up(): Promise<void>;
  /** Release everything. Safe to call when it never came up, or twice. */
  down(): Promise<void>;
  healthCheck(): Promise<Health>;
}

/** Bring members up one after the other; take them down in reverse. A member that fails takes the earlier ones down. */
export function sequence(name: string, members: readonly Resource[]): Resource {
  return {
    name,
    up: async () => {
      for (const [index, member] of members.entries()) {
        try {
          await member.up();
        } catch (error) {
          await downInReverse(members.slice(0, index + 1));
          throw error;
        }
      }
    },
    down: () => downInReverse(members),
    healthCheck: () => worstOf(members),
  };
}

/** Bring members up together; take them down together. When one fails, all are taken down. */
export function parallel(name: string, members: readonly Resource[]): Resource {
  return {
    name,
    up: async () => {
      const results = await Promise.allSettled(members.map((member) => member.up()));
      const errors = results.filter((result) => result.status === 'rejected').map((result): unknown => result.reason);
      if (errors.length === 0) return;
      await downTogether(members);
      throw errors.length === 1 && errors[0] instanceof Error
        ? errors[0]
        : new AggregateError(errors, toMessage(errors));
    },
    down: () => downTogether(members),
    healthCheck: () => worstOf(members),
  };
}

async function downInReverse(members: readonly Resource[]): Promise<void> {
  const errors: unknown[] = [];
  for (const member of [...members].reverse()) await member.down().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, toMessage(errors));
}

async function downTogether(members: readonly Resource[]): Promise<void> {
  const results = await Promise.allSettled(members.map((member) => member.down()));
  const errors = results.filter((result) => result.status === 'rejected').map((result): unknown => result.reason);
  if (errors.length > 0) throw new AggregateError(errors, toMessage(errors));
}

async function worstOf(members: readonly Resource[]): Promise<Health> {
  const healths = await Promise.all(members.map((member) => member.healthCheck()));
  return (
    healths.find((health) => health.kind === 'failing') ??
    healths.find((health) => health.kind === 'down') ?? { kind: 'up' }
  );
}

function toMessage(errors: readonly unknown[]): string {
  return errors.map((error) => (error instanceof Error ? error.message : String(error))).join('\n');
}
