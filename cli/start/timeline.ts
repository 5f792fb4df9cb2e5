import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { paint, toSafeText } from '../output.js';
import { refusalCodes } from './compare.js';
import type { PlayedStep } from './play-day.js';
import type { TriggerReceipts } from './receipts.js';

/** A played step for people: what came in, what became of it, and who was told or refused, and why. */
export function toStepLines({ step, end, mismatches }: PlayedStep): string[] {
  const head = `${paint.bold(step.at)}  ${step.note}`;
  const differing = mismatches.map((mismatch) => `       ${paint.red('unexpected')}  ${toSafeText(mismatch)}`);
  if (end === undefined) return [head, ...differing];
  if (end.outcome === 'quarantined') {
    const problems = end.record.problems.map(({ path, message }) => toSafeText(`${path}: ${message}`));
    return [head, `       ${paint.red('quarantined')}  ${end.record.reason}  ${problems.join('; ')}`, ...differing];
  }
  const state = end.outcome === 'signal' ? paint.green('signal') : paint.yellow('duplicate');
  const verdicts = end.outcome === 'signal' ? end.verdicts : [];
  return [
    head,
    `       ${state}  ${toSafeText(describe(step.outgoing))}`,
    ...verdicts.map((verdict) => {
      switch (verdict.outcome) {
        case 'matched':
          return `       ${paint.green('->')} ${verdict.subscription}  triggers ${verdict.consumer}`;
        case 'same-vector':
          return `       ${paint.dim('=')}  ${verdict.subscription}  fired for this snapshot before (${toSafeText(verdict.firstEventId ?? '')})`;
        case 'held':
          return `       ${paint.yellow('||')} ${verdict.subscription}  held: ${refusalCodes(verdict).join(', ')}`;
        case 'waiting':
          return `       ${paint.dim('..')} ${verdict.subscription}  ${toSafeText(verdict.gates.at(-1)?.reason ?? '')}`;
        case 'absorbed':
          return `       ${paint.dim('=')}  ${verdict.subscription}  ${toSafeText(verdict.gates.at(-1)?.reason ?? '')}`;
        case 'shadow':
          return `       ${paint.dim('x')}  ${verdict.subscription}  would have fired, outside its range`;
        case 'retracted':
          return `       ${paint.yellow('<-')} ${verdict.subscription}  ${toSafeText(verdict.gates.at(-1)?.reason ?? '')}`;
        case 'not-matched':
          return `       ${paint.yellow('x')}  ${verdict.subscription}  ${refusalCodes(verdict).join(', ')}`;
        case 'error':
          return `       ${paint.red('!')}  ${verdict.subscription}  a gate could not answer`;
        default:
          return verdict.outcome satisfies never;
      }
    }),
    ...differing,
  ];
}

function describe({ body, properties }: PlayedStep['step']['outgoing']): string {
  const decoded = decodeEvent(body, properties ?? {});
  if (!decoded.ok || decoded.event.eventType === 'TriggerReceipt') return '';
  const { outputPort, eventId } = decoded.event;
  return `${outputPort.key}@${outputPort.version}  ${outputPort.stage}  ${eventId}`;
}

/** Who reported what about the day's triggers, one line a consumer. */
export function toReceiptLines(receipts: readonly TriggerReceipts[]): string[] {
  const consumers = [...new Set(receipts.map(({ consumer }) => consumer))].sort();
  return consumers.map((consumer) => {
    const own = receipts.filter((each) => each.consumer === consumer && each.kind === 'trigger');
    const done = own.filter(({ statuses }) => statuses.includes('succeeded')).length;
    return `       ${consumer}  ${own.length} triggers, ${done} reported succeeded`;
  });
}
