import { readdirSync, readFileSync } from 'node:fs';

/** The programs a stack runs as children of this process. */
export const roles = ['functions host', 'broker', 'azurite'] as const;
export type Role = (typeof roles)[number];

/** What a process used so far. */
export interface Usage {
  /** Processor time, user and system, in milliseconds. */
  readonly cpuMs: number;
  /** Memory that is resident now, in bytes. */
  readonly residentBytes: number;
}

/** Kernel clock ticks per second, as every Linux reports them to programs. */
const ticksPerSecond = 100;
const scripts: Readonly<Record<Role, RegExp>> = {
  'functions host': /local\/host\/main\.js/,
  broker: /local\/broker\/main\.js/,
  azurite: /azurite\/dist\/src\/azurite\.js/,
};

/** Usage of each running child, by role; undefined where the system keeps no /proc. */
export function readUsage(): Readonly<Partial<Record<Role, Usage>>> | undefined {
  if (process.platform !== 'linux') return undefined;
  const found: Partial<Record<Role, Usage>> = {};
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const usage = readChild(pid);
    if (usage !== undefined) found[usage.role] = usage;
  }
  return found;
}

/** Processes come and go while they are listed; one that is gone has no role. */
function readChild(pid: string): (Usage & { role: Role }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) !== process.pid) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const role = roles.find((name) => scripts[name].test(command));
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (role === undefined) return undefined;
    const cpuMs = ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
    return { role, cpuMs, residentBytes: Number(resident?.[1] ?? 0) * 1_024 };
  } catch {
    return undefined;
  }
}
