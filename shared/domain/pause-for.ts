import type { Pause, PauseTarget } from '../contracts/controls.js';

/** What a trigger is about, for the question whether it is paused. */
export interface PauseSubject {
  readonly stage: string;
  readonly port: string;
  readonly subscription: string;
}

/** The widest pause in force for a trigger, or undefined: everything, then stage, port, subscription. */
export function pauseFor(controls: { readonly pauses: readonly Pause[] }, subject: PauseSubject): Pause | undefined {
  if (controls.pauses.length === 0) return undefined;
  const own = controls.pauses.filter(({ target }) => covers(target, subject));
  return own.sort((a, b) => widths[a.target.kind] - widths[b.target.kind])[0];
}

const widths: Record<PauseTarget['kind'], number> = { everything: 0, stage: 1, port: 2, subscription: 3 };

function covers(target: PauseTarget, { stage, port, subscription }: PauseSubject): boolean {
  switch (target.kind) {
    case 'everything':
      return true;
    case 'stage':
      return target.stage === stage;
    case 'port':
      return target.port === port;
    case 'subscription':
      return target.subscription === subscription;
    default:
      return target satisfies never;
  }
}

/** A target as text: `everything`, `stage prod`, `port op...`, `subscription sub...`. */
export function toTargetText(target: PauseTarget): string {
  switch (target.kind) {
    case 'everything':
      return 'everything';
    case 'stage':
      return `stage ${target.stage}`;
    case 'port':
      return `port ${target.port}`;
    case 'subscription':
      return `subscription ${target.subscription}`;
    default:
      return target satisfies never;
  }
}
