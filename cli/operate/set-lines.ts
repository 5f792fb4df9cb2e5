import type { PendingSet, SetResult } from '../../shared/contracts/api/pending-set.js';
import { toWithoutText } from '../../shared/domain/input-set/arrival.js';
import { paint, toSafeText } from '../output.js';

/** One set for people. */
export function toSetLines({ subscription, stage, set, ...state }: PendingSet): string[] {
  const { present, missing, triggerId, firedAt, released, cleared } = state;
  const fired = triggerId === undefined ? paint.yellow('waits') : paint.green('fired');
  return [
    `${fired}  ${subscription}  ${stage}  ${set}`,
    ...present.map(toPresentLine),
    ...missing.map(
      ({ input, port, owner }) => `  ${paint.yellow('missing')}  ${input}  ${port}  owner ${toSafeText(owner)}`,
    ),
    ...(triggerId === undefined ? [] : [`  trigger ${triggerId} at ${firedAt ?? ''}`]),
    ...(released
      ? [
          toSafeText(
            `  released at ${released.at} by ${released.by}${toWithoutText(released.missing)}: ${released.reason}`,
          ),
        ]
      : []),
    ...(cleared ? [toSafeText(`  cleared at ${cleared.at} by ${cleared.by}: ${cleared.reason}`)] : []),
  ];
}

/** What became of a set, for people. */
export function toSetResultLines({ result, subscription, stage, set, inputs, missing, trigger }: SetResult): string[] {
  const head = `${paint.green(result)}  ${subscription}  ${stage}  ${set}${toWithoutText(missing)}`;
  const lines = [head, ...inputs.map(toPresentLine)];
  if (trigger === undefined) return lines;
  const { triggerId, consumer, state, heldFor = [] } = trigger;
  return [
    ...lines,
    `  trigger ${triggerId}  ${state}  for ${consumer}`,
    ...heldFor.map(({ reason }) => `    ${paint.yellow('held')}  ${toSafeText(reason)}`),
  ];
}

function toPresentLine({ input, port, watermark, eventId }: PendingSet['present'][number]): string {
  return toSafeText(`  there    ${input}  ${port}  watermark ${watermark}  event ${eventId}`);
}
