import type { RegistryPlan } from '../../shared/domain/registry/plan.js';
import type { PlanEffects, TouchedSubscription } from '../../shared/domain/registry/plan-effects.js';
import type { RegistryPreview } from '../../shared/pipeline/registry/preview-registry.js';
import { paint, toSafeText } from '../output.js';

type Paint = (text: string) => string;

const row = (colour: Paint, word: string, text: string): string => `  ${colour(word.padEnd(10))} ${toSafeText(text)}`;

/** What is added, changed and removed. */
export function toPlanLines({ added, changed, removed }: RegistryPlan): string[] {
  return [
    ...added.map(({ key }) => row(paint.green, 'added', key)),
    ...changed.map(({ key }) => row(paint.yellow, 'changed', key)),
    ...removed.map(({ key }) => row(paint.red, 'removed', key)),
  ];
}

/** What that would make happen. */
export function toEffectLines(effects: PlanEffects): string[] {
  const touched = ({ subscription, stage, ports }: TouchedSubscription): string =>
    `${subscription} in ${stage}, on ${ports.join(', ')}`;
  return [
    ...effects.starts.map((each) => row(paint.green, 'starts', touched(each))),
    ...effects.rules.map((each) => row(paint.yellow, 'new rules', touched(each))),
    ...effects.stops.map((each) => row(paint.red, 'stops', touched(each))),
    ...effects.resolved.map(({ port, subscriptions }) =>
      row(paint.green, 'resolved', `${port} for ${toList(subscriptions)}`),
    ),
    ...effects.unresolved.map(({ port, subscriptions }) =>
      row(paint.yellow, 'waits', `${toList(subscriptions)} for ${port}`),
    ),
    ...effects.rewritten.map(({ port, version, from, to }) =>
      row(paint.red, 'rewritten', `${port}@${version}: ${from} -> ${to} under the same version`),
    ),
  ];
}

/** A whole preview, and a line that adds it up. */
export function toPreviewLines({ base, plan, effects, channels }: RegistryPreview): string[] {
  const counts = `${plan.added.length} to add, ${plan.changed.length} to change, ${plan.removed.length} to remove`;
  return [
    ...toPlanLines(plan),
    ...toEffectLines(effects),
    ...channels.create.map((consumer) => row(paint.green, 'channel', `${consumer} would be created`)),
    ...channels.remove.map(({ consumer, waiting }) => {
      const loss = waiting === 0 ? '' : ` with ${toMessages(waiting)}`;
      return row(paint.red, 'channel', `${consumer} would be removed${loss}`);
    }),
    `${paint.bold('plan')}  ${counts}, on top of ${base ?? 'nothing'}`,
  ];
}

/** `3 messages` */
export function toMessages(count: number): string {
  return `${count} message${count === 1 ? '' : 's'}`;
}

/** Names shown of a list that may be long. */
const shown = 5;

function toList(names: readonly string[]): string {
  const rest = names.length - shown;
  return [...names.slice(0, shown), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
